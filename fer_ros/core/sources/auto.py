"""The camera if one delivers, otherwise the demo sequence, otherwise a test pattern."""

from __future__ import annotations

import dataclasses
import time

from fer_ros.core.errors import SourceError
from fer_ros.core.sources.base import FrameSource, SourceConfig
from fer_ros.core.sources.camera import CameraSource, list_cameras, no_camera
from fer_ros.core.sources.demo import DemoSource
from fer_ros.core.sources.picamera import PicameraSource, has_library, list_modules
from fer_ros.core.sources.synthetic import SyntheticSource
from fer_ros.core.types import Frame

#: Seconds for the first frame of a camera, and of all cameras together. Some boards have a dozen
#: video devices that can be opened but deliver nothing.
_CAMERA_TIMEOUT = 5.0
_SEARCH_TIMEOUT = 10.0

#: The warning for a robot that reacts to faces.
DEMO_WARNING = (
    'no camera delivered a frame, so the faces are photographs and not people: connect a camera, '
    'and set source to it (such as 0, /dev/video0 or picamera). That source waits for its camera '
    'and never becomes the demo. To see the demo without this warning, set source to demo'
)


class AutoSource(FrameSource):
    """Selects the first camera that delivers a frame, otherwise the demo with a warning.

    Without the photographs of the demo, it shows a test pattern, also with a warning. It selects
    when it is opened for the first time. A camera that fails later is an error, and is never
    silently replaced by the demo. Until it has selected, it counts as live, because that takes
    seconds.
    """

    live = True

    def __init__(self, config: SourceConfig) -> None:
        self._config = config
        self._source: FrameSource | None = None
        self._is_closed = False
        self._reason = ''
        self._shortage = ''
        self.description = 'auto: a camera, otherwise the demo'

    def open(self) -> None:
        """Choose a source and open it."""
        self._is_closed = False
        if self._source is not None and self._reason:
            self._source.open()
        else:
            self._source = self._choose()
        self.live = self._source.live
        self.fps = self._source.fps
        self.warning = self._source.warning or self._shortage
        self.description = f'{self._source.description} ({self._reason})'

    def read(self) -> Frame | None:
        """Return the next frame of the source that was chosen."""
        if self._source is None:
            return None
        frame = self._source.read()
        self.dropped = self._source.dropped
        self.warning = self._source.warning or self._shortage
        return frame

    def close(self) -> None:
        """Close the source that was chosen, or end the search."""
        self._is_closed = True
        if self._source is not None:
            self._source.close()

    def _choose(self) -> FrameSource:
        """Return an open source, and note the reason for the choice."""
        failures: list[str] = []
        camera = self._first_camera(failures)
        if camera is not None:
            self._reason = 'auto: the first camera that delivers'
            return camera
        reason = '; '.join(failures) or no_camera()
        demo = DemoSource(self._config)
        try:
            demo.open()
        except SourceError as error:
            pattern = SyntheticSource(self._config)
            pattern.open()
            self._shortage = f'{reason}, and {error}'
            self._reason = f'auto: {self._shortage}'
            return pattern
        self._shortage = DEMO_WARNING
        self._reason = f'auto: {reason}'
        return demo

    def _first_camera(self, failures: list[str]) -> FrameSource | None:
        """Return the first camera that delivers, or None. Add the faults of others to a list."""
        timeout = min(self._config.open_timeout, _CAMERA_TIMEOUT)
        config = dataclasses.replace(self._config, open_timeout=timeout)
        deadline = time.monotonic() + _SEARCH_TIMEOUT
        # A camera module is first, because its Video4Linux devices can be opened but deliver
        # nothing.
        modules: list[FrameSource] = [PicameraSource(0, config)] if _has_module() else []
        for camera in (*modules, *(CameraSource(device, config) for device in list_cameras())):
            if time.monotonic() > deadline:
                failures.append(
                    f'{camera.description} and the cameras after it were not tried, because the '
                    f'time ran out'
                )
                break
            self._source = camera
            try:
                camera.open()
            except SourceError as error:
                if self._is_closed:
                    raise
                failures.append(str(error))
                continue
            return camera
        return None


def _has_module() -> bool:
    """Return whether a camera module of a Raspberry Pi is connected and can be read."""
    if not has_library():
        return False
    try:
        return bool(list_modules())
    except SourceError:
        return False
