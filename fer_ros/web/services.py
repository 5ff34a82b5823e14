"""The services that the routes use."""

from __future__ import annotations

from dataclasses import dataclass

from fer_ros.web.controls import Controls
from fer_ros.web.files.browser_camera import CameraService
from fer_ros.web.files.uploads import PictureService
from fer_ros.web.files.videos import VideoService
from fer_ros.web.model_cards import ModelCards
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.stream import PictureStream


@dataclass(frozen=True, slots=True)
class Services:
    """The state of the pipeline, and the workers for files that clients send.

    Attributes:
        controls: None if the operator does not allow changes.
        cameras: Processes frames of browsers' cameras; None if privacy lets no frame leave its
            device.
    """

    pipeline_state: PipelineState
    stream: PictureStream
    pictures: PictureService
    videos: VideoService
    models: ModelCards
    controls: Controls | None = None
    cameras: CameraService | None = None

    def close(self) -> None:
        """End the threads that process files. Waiting files are dropped."""
        self.pictures.close()
        self.videos.close()
        if self.cameras is not None:
            self.cameras.close()
