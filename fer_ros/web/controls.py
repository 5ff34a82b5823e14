"""What people at a page may change of the pipeline, whoever runs it."""

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

#: Names of detectors that may be chosen.
DETECTOR_NAMES = ('auto', *DETECTORS)

#: Seconds in which the weight of a frame falls to 1/e, for the slider of the page.
FASTEST, CALMEST = 0.05, 3.0


class ControlError(FerError):
    """A change was refused; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How fast labels follow a face, and how sure they must be.

    time_constant, hold: seconds. uncertain_threshold: [0, 1]. As in SmoothingConfig.
    """

    time_constant: float
    hold: float
    uncertain_threshold: float


@dataclass(frozen=True, slots=True)
class ControlState:
    """The values of now, and what may be chosen.

    camera_on: None if no camera_node runs. source: name of it, '' if none runs.
    usual: the sensitivity at the start. smoothing: method, as in SmoothingConfig.
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
    """What to change; None leaves a value as it is. source: a name of ControlState.sources."""

    source: str | None = None
    model: str | None = None
    detector: str | None = None
    time_constant: float | None = None
    hold: float | None = None
    uncertain_threshold: float | None = None


class Controls(ABC):
    """The pipeline's controls. Each call may block for seconds; calls come on any thread."""

    @abstractmethod
    def state(self) -> ControlState:
        """Return the values of now. Raises ControlError where the pipeline does not answer."""

    @abstractmethod
    def change(self, changes: Changes) -> None:
        """Change values. Raises ControlError with the reason; nothing is changed then."""

    @abstractmethod
    def turn_camera(self, on: bool) -> None:
        """Turn the camera on or off; off releases the device. Raises ControlError."""


class SourceChoice:
    """The sources that may be chosen, by names that show no password and no folder.

    current: the source at the start. allowed: by the operator, besides the cameras of this
    machine and the demo.
    """

    def __init__(self, current: str, allowed: Iterable[str] = ()) -> None:
        self._fixed = tuple(dict.fromkeys((current, *allowed)))

    def by_name(self, current: str = '', with_cameras: bool = True) -> Mapping[str, str]:
        """Return name to source; current: one in use that may be another than at the start."""
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

    def source(self, name: str, with_cameras: bool = True) -> str:
        """Return the source of a name. Raises ControlError for one that is not allowed."""
        choice = self.by_name(with_cameras=with_cameras)
        if name not in choice:
            raise ControlError(
                f'source {name!r} is not among those the operator allows: {", ".join(choice)}'
            )
        return choice[name]


def source_name(source: str) -> str:
    """Return what people read of a source."""
    device = f'/dev/video{int(source)}' if source.isdecimal() else source
    if device.startswith('/dev/'):
        return f'{_product(device)} ({device})'
    file = file_of(source)
    return redact(source) if file is None else file.name or source


def _product(device: str) -> str:
    """Return how a camera calls itself, as the kernel tells."""
    try:
        path = Path('/sys/class/video4linux') / Path(device).name / 'name'
        return path.read_text(encoding='utf-8', errors='replace').strip() or 'camera'
    except OSError:
        return 'camera'


def allowed(name: str, kind: str, choices: Iterable[str]) -> str:
    """Return a name that may be chosen. Raises ControlError for any other."""
    choices = tuple(choices)
    if name not in choices:
        raise ControlError(f'there is no {kind} {name!r} to choose: take {", ".join(choices)}')
    return name
