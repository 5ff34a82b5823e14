"""Commands, files and versions in SECURITY.md and QUALITY_DECLARATION.md exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import fer_ros

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / 'SECURITY.md', ROOT / 'QUALITY_DECLARATION.md']
PATH = re.compile(r'(?<![\w/])((?:test|docs|config|fer_ros|requirements|fer_msgs)/[\w/.]*\w)')
TARGET = re.compile(r'\bmake ([a-z-]+)`')
KEYWORD = re.compile(r'pytest (\S+) -k (\w+)')


@pytest.fixture(params=PAGES, ids=lambda path: path.name)
def page(request) -> str:
    return ' '.join(request.param.read_text(encoding='utf-8').split())


def test_every_named_file_exists(page):
    for name in set(PATH.findall(page)):
        assert (ROOT / name).exists(), name


def test_every_named_make_target_exists(page):
    makefile = (ROOT / 'Makefile').read_text(encoding='utf-8')
    for target in TARGET.findall(page):
        assert re.search(rf'^{target}:', makefile, re.M), target


def test_every_selection_of_tests_finds_tests(page):
    for path, word in KEYWORD.findall(page):
        files = [ROOT / path] if path.endswith('.py') else (ROOT / path).glob('test_*.py')
        assert any(re.search(rf'def test_\w*{word}', file.read_text()) for file in files), word


def test_the_versions_agree():
    version = re.search('<version>(.+)</version>', (ROOT / 'package.xml').read_text())
    assert version is not None
    assert version.group(1) == fer_ros.__version__
    for page in PAGES:
        assert '.'.join(fer_ros.__version__.split('.')[:2]) in page.read_text(encoding='utf-8')


def test_a_version_below_one_claims_no_level_above_four():
    page = PAGES[1].read_text(encoding='utf-8')
    level = re.search(r'quality level (\d)\*\*', page)
    assert level is not None
    assert int(level.group(1)) >= (4 if fer_ros.__version__.startswith('0.') else 1)
