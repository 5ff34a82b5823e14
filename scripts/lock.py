"""Pin the packages of a new machine with hashes: writes requirements/lock/<python>.txt.

    make lock        for the environment of `make build`, from the ranges in requirements/

`make build LOCKED=1` then installs exactly these files (pip --require-hashes).
Run by the Python of that environment.
"""

from __future__ import annotations

import platform
import re
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.tags import sys_tags
from pip._vendor.packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / 'requirements'
#: Requirement files of a new machine without ROS, and those that are installed without
#: dependencies.
FILES = ('ros.txt', 'build.txt', 'runtime.txt', 'web.txt')
NO_DEPS = 'runtime_no_deps.txt'
#: colcon builds need CMake if the system has none.
CMAKE = 'cmake'
INDEX = 'https://pypi.org/simple'
LINK = re.compile(r'<a href="([^"#]+)#sha256=([0-9a-f]{64})"[^>]*>')
HEAD = """\
# What a fresh machine installs on {name}, with hashes. Written by make lock
# from requirements/{files}.
"""


def main() -> int:
    """Write the lock file of this interpreter."""
    path = lock_file()
    pinned = sorted(closure())
    with ThreadPoolExecutor(8) as pool:
        hashes = list(pool.map(lambda pin: hashes_of(*pin), pinned))
    missing = [name for (name, _), found in zip(pinned, hashes, strict=True) if not found]
    if missing:
        print(f'no file with a hash for {", ".join(missing)}', file=sys.stderr)
        return 1
    lines = [HEAD.format(name=path.stem, files=', '.join((*FILES, NO_DEPS)))]
    for (name, version), found in zip(pinned, hashes, strict=True):
        lines += [
            f'{name}=={version} \\',
            ' \\\n'.join(f'    --hash=sha256:{digest}' for digest in found),
        ]
    path.parent.mkdir(exist_ok=True)
    path.write_text('\n'.join(lines) + '\n', encoding='utf-8')
    print(f'{path.relative_to(ROOT)}: {len(pinned)} packages')
    return 0


def lock_file() -> Path:
    """Return the lock file of this Python and machine, by the name in setup_environment.py."""
    version = ''.join(map(str, sys.version_info[:2]))
    system = f'{platform.system().lower()}-{platform.machine()}'
    return REQUIREMENTS / 'lock' / f'cp{version}-{system}.txt'


def closure() -> set[tuple[str, str]]:
    """Return the names and versions of the required packages and their dependencies."""
    waiting = [requirement for file in FILES for requirement in asked(file)]
    waiting += [Requirement(CMAKE)]
    pinned = {pin(requirement) for requirement in asked(NO_DEPS)}
    seen: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        key = str(requirement)
        if key in seen:
            continue
        seen.add(key)
        pinned.add(pin(requirement))
        for text in metadata.requires(requirement.name) or ():
            needed = Requirement(text)
            extras = [*requirement.extras, '']
            if needed.marker is None or any(
                needed.marker.evaluate({'extra': extra}) for extra in extras
            ):
                waiting.append(needed)
    return pinned


def asked(file: str) -> Iterator[Requirement]:
    """Return the requirements in a file."""
    for line in (REQUIREMENTS / file).read_text(encoding='utf-8').splitlines():
        if line.strip() and not line.startswith('#'):
            yield Requirement(line)


def pin(requirement: Requirement) -> tuple[str, str]:
    """Return the name and the installed version. Raises SystemExit if it does not match."""
    version = metadata.version(requirement.name)
    if not requirement.specifier.contains(version, prereleases=True):
        raise SystemExit(
            f'{requirement} is required, but {version} is installed: run make build first'
        )
    return canonicalize_name(requirement.name), version


def hashes_of(name: str, version: str) -> list[str]:
    """Return the hashes of the wheels for this interpreter, or of the source if there is none."""
    with urllib.request.urlopen(f'{INDEX}/{name}/', timeout=60) as response:
        files = {
            url.rpartition('/')[2]: digest
            for url, digest in LINK.findall(response.read().decode())
        }
    tags = set(sys_tags())
    wheels = []
    for file, digest in files.items():
        if file.endswith('.whl') and file.split('-')[1] == version:
            _, _, _, supported = parse_wheel_filename(file)
            if supported & tags:
                wheels.append(digest)
    return sorted(wheels) or sorted(
        digest for file, digest in files.items() if file.endswith(f'-{version}.tar.gz')
    )


if __name__ == '__main__':
    sys.exit(main())
