"""What the routes answer from."""

from __future__ import annotations

from dataclasses import dataclass

from fer_ros.web.browser_camera import CameraService
from fer_ros.web.controls import Controls
from fer_ros.web.model_cards import ModelCards
from fer_ros.web.pipeline_state import PipelineState
from fer_ros.web.stream import PictureStream
from fer_ros.web.uploads import PictureService
from fer_ros.web.videos import VideoService


@dataclass(frozen=True, slots=True)
class Services:
    """The pipeline as it is now, and what works on files that clients send.

    controls: what may be changed; None where the operator allows no change.
    cameras: looks at frames of browsers' cameras; None where privacy lets none leave its device.
    """

    board: PipelineState
    stream: PictureStream
    pictures: PictureService
    videos: VideoService
    models: ModelCards
    controls: Controls | None = None
    cameras: CameraService | None = None

    def close(self) -> None:
        """End the threads that work on files; what waits is dropped."""
        self.pictures.close()
        self.videos.close()
        if self.cameras is not None:
            self.cameras.close()
