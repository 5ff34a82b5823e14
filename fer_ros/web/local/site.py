"""The content and controls of a dashboard in this process. Needs no web libraries."""

from __future__ import annotations

from collections.abc import Sequence

from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.sources import SourceConfig, create_source
from fer_ros.web.local.controls import LocalControls, LocalSettings
from fer_ros.web.local.pipeline import LocalPipeline
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.stream import PictureStream


class LocalSite:
    """The state and the images of a local pipeline.

    Attributes:
        pipeline_state: The state of faces, events and the pipeline.
        stream: The images.
        privacy: Show no image, and accept none from the camera of a browser.
        changeable: Whether people can change the pipeline from the page.
    """

    def __init__(
        self,
        fps: float = 0.0,
        privacy: bool = False,
        sources: Sequence[str] = (),
        changeable: bool = True,
    ) -> None:
        """Store the requested frames per second and the additional sources to choose from."""
        self.pipeline_state = PipelineState()
        self.stream = PictureStream(self.pipeline_state.people)
        self.privacy = privacy
        self.changeable = changeable
        self._fps = fps
        self._sources = tuple(sources)

    def controls(self, settings: LocalSettings) -> LocalControls:
        """Return what builds, starts and stops the pipeline that the site shows."""
        return LocalControls(settings, self._pipeline, self.pipeline_state, self._sources)

    def _pipeline(self, settings: LocalSettings) -> LocalPipeline:
        source = create_source(settings.source, SourceConfig(loop=True, fps=self._fps))
        pipeline = PipelineBuilder(settings.config).pipeline()
        return LocalPipeline(
            source, pipeline, self.pipeline_state, None if self.privacy else self.stream
        )
