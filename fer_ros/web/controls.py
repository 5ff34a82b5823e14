"""The values of the pipeline that people can change on a page, for nodes and local pipelines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fer_ros.core.detection.select import DETECTORS
from fer_ros.core.errors import FerError
from fer_ros.core.redaction import redact
from fer_ros.core.source_spec import file_of
from fer_ros.core.sources.camera import list_cameras

#: Names of the detectors to choose from.
DETECTOR_NAMES = ('auto', *DETECTORS)


class ControlError(FerError):
    """A change was refused; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How fast labels follow a face, and how certain they must be.

    Attributes:
        time_constant: Seconds.
        hold: Seconds.
        uncertain_threshold: [0, 1]. As in SmoothingConfig.
    """

    time_constant: float
    hold: float
    uncertain_threshold: float


@dataclass(frozen=True, slots=True)
class ControlState:
    """The current values and the possible choices.

    Attributes:
        camera_on: None if no camera_node runs.
        source: Name of it, '' if none runs.
        usual: The sensitivity at the start.
        smoothing: The method, as in SmoothingConfig.
    """

    camera_on: bool | None
    source: str
    sources: tuple[str, ...]
    model: str
    models: tuple[str, ...]
    detector: str
    detectors: tuple[str, ...]
    smoothing: str
    sensitivity: Sensitivity
    usual: Sensitivity


@dataclass(frozen=True, slots=True)
class Changes:
    """The values to change. None keeps a value.

    Attributes:
        source: A name in ControlState.sources.
    """

    source: str | None = None
    model: str | None = None
    detector: str | None = None
    time_constant: float | None = None
    hold: float | None = None
    uncertain_threshold: float | None = None


class Controls(ABC):
    """The controls of the pipeline. A call can block for seconds and can come from any thread."""

    @abstractmethod
    def state(self) -> ControlState:
        """Return the current values.

        Raises:
            ControlError: The pipeline does not answer.
        """

    @abstractmethod
    def change(self, changes: Changes) -> None:
        """Change values. If it raises ControlError with the reason, nothing was changed."""

    @abstractmethod
    def turn_camera(self, on: bool) -> None:
        """Turn the camera on or off. Off releases the device.

        Raises:
            ControlError: The camera cannot be controlled.
        """


class SourceChoice:
    """The sources to choose from, by names that contain no password and no folder.

    Args:
        current: The source at the start.
        allowed: Sources that the operator allows, besides the cameras of this machine and the
            demo.
    """

    def __init__(self, current: str, allowed: Iterable[str] = ()) -> None:
        self._fixed = tuple(dict.fromkeys((current, *allowed)))

    def by_name(self, current: str = '', with_cameras: bool = True) -> Mapping[str, str]:
        """Return name to source.

        Args:
            current: The current source, if it is not the one at the start.
        """
        cameras = list_cameras() if with_cameras else []
        found: dict[str, str] = {}
        for source in dict.fromkeys((*self._fixed, *filter(None, (current,)), *cameras, 'demo')):
            name = source_name(source)
            number = 2
            while name in found:
                name = f'{source_name(source)} ({number})'
                number += 1
            found[name] = source
        return found

    def name_of(self, current: str, with_cameras: bool = True) -> str:
        """Return the name of the current source."""
        choice = self.by_name(current, with_cameras)
        return next(name for name, source in choice.items() if source == current)

    def source(self, name: str, with_cameras: bool = True) -> str:
        """Return the source of a name.

        Raises:
            ControlError: It is not allowed.
        """
        choice = self.by_name(with_cameras=with_cameras)
        if name not in choice:
            raise ControlError(
                f'source {name!r} is not allowed: choose one of {", ".join(choice)}'
            )
        return choice[name]


def source_name(source: str) -> str:
    """Return the name of a source for people."""
    device = f'/dev/video{int(source)}' if source.isdecimal() else source
    if device.startswith('/dev/'):
        return f'{_product(device)} ({device})'
    file = file_of(source)
    return redact(source) if file is None else file.name or source


def _product(device: str) -> str:
    """Return the name of a camera from the kernel."""
    try:
        path = Path('/sys/class/video4linux') / Path(device).name / 'name'
        return path.read_text(encoding='utf-8', errors='replace').strip() or 'camera'
    except OSError:
        return 'camera'


def allowed(name: str, kind: str, choices: Iterable[str]) -> str:
    """Return the name if it can be chosen.

    Raises:
        ControlError: It cannot be chosen.
    """
    choices = tuple(choices)
    if name not in choices:
        raise ControlError(f'there is no {kind} {name!r}: choose one of {", ".join(choices)}')
    return name
