"""The locks pin every requirement of a fresh machine to an allowed version, with hashes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

packaging = pytest.importorskip(
    'packaging.requirements', reason='the Python package packaging is not installed'
)

REQUIREMENTS = Path(__file__).resolve().parents[2] / 'requirements'
FILES = ('ros.txt', 'build.txt', 'runtime.txt', 'runtime_no_deps.txt', 'web.txt')
ENTRY = re.compile(r'^([a-z0-9-]+)==(\S+) ((?:\\\n    --hash=sha256:[0-9a-f]{64} ?)+)$', re.M)
LOCKS = sorted((REQUIREMENTS / 'lock').glob('*.txt'))


@pytest.mark.parametrize('lock', LOCKS, ids=lambda path: path.stem)
def test_a_lock_has_every_requirement_in_an_allowed_version_with_a_hash(lock):
    text = lock.read_text(encoding='utf-8')
    pinned = {name: version for name, version, _ in ENTRY.findall(text)}
    entries = [line for line in text.splitlines() if line and line[0] not in '# ']
    assert len(pinned) == len(entries), 'each has a version and a hash'
    for file in FILES:
        for line in (REQUIREMENTS / file).read_text(encoding='utf-8').splitlines():
            if line.strip() and not line.startswith('#'):
                asked = packaging.Requirement(line)
                version = pinned.get(asked.name.lower().replace('_', '-'))
                assert version, f'{asked.name} is not in the lock: make lock'
                assert asked.specifier.contains(version, prereleases=True), f'{line}: make lock'
