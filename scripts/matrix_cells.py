"""The combinations of versions that the compatibility matrix tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MATRIX = ROOT / '.cache' / 'matrix'

#: Tests without ROS, and tests with ROS.
CORE_TESTS = ('test/core', 'test/cli/test_classify.py', 'test/training/data')
ROS_TESTS = ('test/ros',)


@dataclass(frozen=True)
class Cell:
    """One combination.

    Attributes:
        ros: The requirements file of the wheels of a distribution, '' for none.
    """

    name: str
    python: str
    numpy: str
    opencv: str
    ros: str = ''

    @property
    def folder(self) -> Path:
        """Return the path of its environment."""
        return MATRIX / self.name

    @property
    def tests(self) -> tuple[str, ...]:
        """Return the folders of its tests."""
        return CORE_TESTS + ROS_TESTS if self.ros else CORE_TESTS


CELLS = (
    Cell('py310-oldest', '3.10', '1.26.*', '4.5.5.*'),
    Cell('py310-numpy1', '3.10', '1.26.*', '4.6.*'),
    Cell('py311-numpy1', '3.11', '1.26.*', '4.11.*'),
    Cell('py312-numpy2', '3.12', '2.*', '4.*'),
    Cell('py313-numpy2', '3.13', '2.*', '4.*'),
    Cell('py312-opencv5', '3.12', '2.*', '5.*'),
    Cell('py312-jazzy', '3.12', '1.26.*', '4.6.*', 'ros.txt'),
    Cell('py312-kilted', '3.12', '2.*', '4.*', 'ros_kilted.txt'),
    Cell('py310-jazzy', '3.10', '2.*', '4.*', 'ros.txt'),
)

#: Untested combinations, with the reasons.
NOT_TESTED = (
    'ROS 2 Humble and Rolling: PyPI has no wheels of them. The code handles the known differences '
    '(Humble has no sequence numbers and no post-set callback).',
    'ROS 2 from Debian packages: the machine that ran the tests has none.',
    'arm64 with ROS 2: PyPI has ROS wheels for x86_64 only. Without ROS, see below.',
)
