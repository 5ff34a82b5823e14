"""The controls of a pipeline in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from fer_ros.core.errors import FerError
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.web.controls import (
    DETECTOR_NAMES,
    Changes,
    ControlError,
    Controls,
    ControlState,
    Sensitivity,
    SourceChoice,
    allowed,
)
from fer_ros.web.local.pipeline import LocalPipeline
from fer_ros.web.model_cards import ModelCards
from fer_ros.web.state.pipeline_state import PipelineState


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """The changeable settings of a local pipeline."""

    source: str
    config: PipelineConfig


class LocalControls(Controls):
    """Runs a pipeline, and replaces it when source, model or detector change.

    Args:
        settings: The current ones.
        build: Creates a pipeline without starting it. It can raise FerError.
        sources: Sources to choose from, in addition to the first one, cameras and the demo.

    Attributes:
        models: Cards of the models to choose from.
    """

    def __init__(
        self,
        settings: LocalSettings,
        build: Callable[[LocalSettings], LocalPipeline],
        pipeline_state: PipelineState,
        sources: Iterable[str] = (),
    ) -> None:
        self.settings = settings
        self._build = build
        self._pipeline_state = pipeline_state
        self.models = ModelCards(given=settings.config.classifier.model)
        self._choice = SourceChoice(settings.source, sources)
        self._usual = _sensitivity(settings.config)
        self._pipeline: LocalPipeline | None = None
        self._lock = threading.Lock()

    @property
    def source_description(self) -> str:
        """Return the source of the running pipeline in words, or '' if none runs."""
        pipeline = self._pipeline
        return '' if pipeline is None else pipeline.source_description

    def start(self) -> None:
        """Build and start the pipeline.

        Raises:
            FerError: The pipeline cannot be built.
        """
        with self._lock:
            self._start(self.settings)

    def stop(self) -> None:
        """End the pipeline."""
        with self._lock:
            self._stop()

    def state(self) -> ControlState:
        """Return the current values."""
        settings, config = self.settings, self.settings.config
        return ControlState(
            camera_on=self._pipeline is not None,
            source=self._choice.name_of(settings.source),
            sources=tuple(self._choice.by_name()),
            model=config.classifier.model,
            models=self._model_names(),
            detector=config.detector.detector,
            detectors=DETECTOR_NAMES,
            smoothing=config.smoothing.method,
            sensitivity=_sensitivity(settings.config),
            usual=self._usual,
        )

    def change(self, changes: Changes) -> None:
        """Change values. Replace the pipeline if the running one cannot use them."""
        with self._lock:
            before, wanted = self.settings, self._wanted(changes)
            config = replace(before.config, smoothing=wanted.config.smoothing)
            if wanted == replace(before, config=config):
                self.settings = wanted
                if self._pipeline is not None:
                    self._pipeline.smooth(config)
                return
            if self._pipeline is None and changes.source is None:
                # The pipeline is built when the camera is turned on. Errors are reported now.
                self._make(wanted)
                self.settings = wanted
                return
            self._replace(wanted)

    def turn_camera(self, on: bool) -> None:
        """Stop reading and close the source, or open it again."""
        with self._lock:
            if not on:
                self._stop()
            elif self._pipeline is None:
                try:
                    self._start(self.settings)
                except FerError as error:
                    raise ControlError(str(error)) from error

    def _wanted(self, changes: Changes) -> LocalSettings:
        """Return the settings after changes. Raises ControlError."""
        source, config = self.settings.source, self.settings.config
        if changes.source is not None:
            source = self._choice.source(changes.source)
        if changes.model is not None:
            model = allowed(changes.model, 'model', self._model_names())
            config = replace(config, classifier=replace(config.classifier, model=model))
        if changes.detector is not None:
            detector = allowed(changes.detector, 'detector', DETECTOR_NAMES)
            config = replace(config, detector=replace(config.detector, detector=detector))
        names = ('time_constant', 'hold', 'uncertain_threshold')
        given = {name: getattr(changes, name) for name in names}
        chosen = {name: value for name, value in given.items() if value is not None}
        try:
            smoothing = replace(config.smoothing, **chosen)
        except ValueError as error:
            raise ControlError(str(error)) from error
        return LocalSettings(source, replace(config, smoothing=smoothing))

    def _model_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.settings.config.classifier.model, *self.models.names())))

    def _make(self, settings: LocalSettings) -> LocalPipeline:
        try:
            return self._build(settings)
        except FerError as error:
            raise ControlError(str(error)) from error

    def _replace(self, wanted: LocalSettings) -> None:
        """Continue with another pipeline. If it cannot start, build the previous one again."""
        pipeline, before = self._make(wanted), self.settings
        self._stop()
        try:
            pipeline.start()
        except FerError as error:
            try:
                self._start(before)
            except FerError as lost:
                raise ControlError(f'{error}; the previous source failed, too: {lost}') from lost
            raise ControlError(str(error)) from error
        self._pipeline, self.settings = pipeline, wanted
        self._pipeline_state.take_camera(True)

    def _start(self, settings: LocalSettings) -> None:
        pipeline = self._build(settings)
        pipeline.start()
        self._pipeline = pipeline
        self._pipeline_state.take_camera(True)

    def _stop(self) -> None:
        if self._pipeline is not None:
            self._pipeline.stop()
            self._pipeline = None
            self._pipeline_state.take_camera(False)


def _sensitivity(config: PipelineConfig) -> Sensitivity:
    smoothing = config.smoothing
    return Sensitivity(smoothing.time_constant, smoothing.hold, smoothing.uncertain_threshold)
