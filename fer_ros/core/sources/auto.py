"""The camera if one delivers, otherwise the demo sequence, otherwise a test pattern."""

from __future__ import annotations

import dataclasses
import time

from fer_ros.core.errors import SourceError
from fer_ros.core.sources.base import FrameSource, SourceConfig
from fer_ros.core.sources.camera import CameraSource, list_cameras
from fer_ros.core.sources.demo import DemoSource
from fer_ros.core.sources.picamera import PicameraSource, has_library, list_modules
from fer_ros.core.sources.synthetic import SyntheticSource
from fer_ros.core.types import Frame

#: Seconds for the first frame of a camera, and of all cameras together. Some boards have a dozen
#: video devices that can be opened but deliver nothing.
_CAMERA_TIMEOUT = 5.0
_SEARCH_TIMEOUT = 10.0


class AutoSource(FrameSource):
    """Selects the first camera that delivers a frame, otherwise the demo, and names the reason.

    Without the photographs of the demo, it shows a test pattern, and `warning` says so. It selects
    when it is opened for the first time. A camera that fails later is an error, and is never
    silently replaced by the demo.
    """

    def __init__(self, config: SourceConfig) -> None:
        self._config = config
        self._chosen: FrameSource | None = None
        self._reason = ''
        self._shortage = ''
        self.description = 'auto: a camera, otherwise the demo'

    def open(self) -> None:
        """Choose a source and open it."""
        if self._chosen is None:
            self._chosen, self._reason = self._choose()
        else:
            self._chosen.open()
        self.live = self._chosen.live
        self.fps = self._chosen.fps
        self.description = f'{self._chosen.description} ({self._reason})'

    def read(self) -> Frame | None:
        """Return the next frame of the source that was chosen."""
        if self._chosen is None:
            return None
        frame = self._chosen.read()
        self.dropped = self._chosen.dropped
        self.warning = self._chosen.warning or self._shortage
        return frame

    def close(self) -> None:
        """Close the source that was chosen."""
        if self._chosen is not None:
            self._chosen.close()

    def _choose(self) -> tuple[FrameSource, str]:
        """Return an open source, and the reason for the choice."""
        timeout = min(self._config.open_timeout, _CAMERA_TIMEOUT)
        config = dataclasses.replace(self._config, open_timeout=timeout)
        deadline = time.monotonic() + _SEARCH_TIMEOUT
        failures = []
        # A camera module is first, because its Video4Linux devices can be opened but deliver
        # nothing.
        modules: list[FrameSource] = [PicameraSource(0, config)] if _has_module() else []
        for camera in (*modules, *(CameraSource(device, config) for device in list_cameras())):
            if time.monotonic() > deadline:
                failures.append(
                    f'{camera.description} and the following cameras were not tried, because the '
                    'time was over'
                )
                break
            try:
                camera.open()
            except SourceError as error:
                failures.append(str(error))
                continue
            return camera, 'auto: the first camera that delivers'
        reason = '; '.join(failures) or 'there is no camera'
        demo = DemoSource(self._config)
        try:
            demo.open()
        except SourceError as error:
            pattern = SyntheticSource(self._config)
            pattern.open()
            self._shortage = f'{reason}, and {error}'
            return pattern, f'auto: {self._shortage}'
        return demo, f'auto: {reason}'


def _has_module() -> bool:
    """Return whether a camera module of a Raspberry Pi is connected and can be read."""
    if not has_library():
        return False
    try:
        return bool(list_modules())
    except SourceError:
        return False
