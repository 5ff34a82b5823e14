"""The controls of a pipeline in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from fer_ros.core.errors import FerError
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.web.board import Board
from fer_ros.web.controls import (
    DETECTOR_NAMES,
    Changes,
    ControlError,
    Controls,
    ControlState,
    Sensitivity,
    SourceChoice,
    allowed,
    source_name,
)
from fer_ros.web.local_pipeline import LocalPipeline
from fer_ros.web.model_cards import ModelCards


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """What a local pipeline is built from, as far as it can be changed."""

    source: str
    model: str
    detector: str
    smoothing: SmoothingConfig = field(default_factory=SmoothingConfig)


class LocalControls(Controls):
    """Runs a pipeline, and another one where source, model or detector change.

    settings: of now. build: makes a pipeline that was not started; raises FerError.
    sources: that may be chosen besides the one at the start, cameras and the demo.
    """

    def __init__(
        self,
        settings: LocalSettings,
        build: Callable[[LocalSettings], LocalPipeline],
        board: Board,
        models: ModelCards,
        sources: Iterable[str] = (),
    ) -> None:
        self.settings = settings
        self._build = build
        self._board = board
        self._models = models
        self._choice = SourceChoice(settings.source, sources)
        self._usual = _sensitivity(settings.smoothing)
        self._pipeline: LocalPipeline | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Build and start the pipeline. Raises FerError."""
        with self._lock:
            self._start(self.settings)

    def stop(self) -> None:
        """End the pipeline."""
        with self._lock:
            self._stop()

    def state(self) -> ControlState:
        """Return the values of now."""
        settings = self.settings
        return ControlState(
            camera_on=self._pipeline is not None,
            source=source_name(settings.source),
            sources=tuple(self._choice.by_name()),
            model=settings.model,
            models=self._model_names(),
            detector=settings.detector,
            detectors=DETECTOR_NAMES,
            smoothing=settings.smoothing.method,
            sensitivity=_sensitivity(settings.smoothing),
            usual=self._usual,
        )

    def change(self, changes: Changes) -> None:
        """Change values, with another pipeline where the running one cannot take them over."""
        with self._lock:
            before, wanted = self.settings, self._wanted(changes)
            if wanted == replace(before, smoothing=wanted.smoothing):
                self.settings = wanted
                if self._pipeline is not None:
                    self._pipeline.smooth(wanted.smoothing)
                return
            if self._pipeline is None and changes.source is None:
                # Built with them when the camera is turned on; a wrong one is told at once.
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
        wanted = self.settings
        if changes.source is not None:
            wanted = replace(wanted, source=self._choice.source(changes.source))
        if changes.model is not None:
            model = allowed(changes.model, 'model', self._model_names())
            wanted = replace(wanted, model=model)
        if changes.detector is not None:
            detector = allowed(changes.detector, 'detector', DETECTOR_NAMES)
            wanted = replace(wanted, detector=detector)
        names = ('time_constant', 'hold', 'uncertain_threshold')
        given = {name: getattr(changes, name) for name in names}
        chosen = {name: value for name, value in given.items() if value is not None}
        try:
            return replace(wanted, smoothing=replace(wanted.smoothing, **chosen))
        except ValueError as error:
            raise ControlError(str(error)) from error

    def _model_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.settings.model, *self._models.names())))

    def _make(self, settings: LocalSettings) -> LocalPipeline:
        try:
            return self._build(settings)
        except FerError as error:
            raise ControlError(str(error)) from error

    def _replace(self, wanted: LocalSettings) -> None:
        """Go on with another pipeline; where that cannot start, with one like before."""
        pipeline, before = self._make(wanted), self.settings
        self._stop()
        try:
            pipeline.start()
        except FerError as error:
            self._start(before)
            raise ControlError(str(error)) from error
        self._pipeline, self.settings = pipeline, wanted
        self._board.take_camera(True)

    def _start(self, settings: LocalSettings) -> None:
        pipeline = self._build(settings)
        pipeline.start()
        self._pipeline = pipeline
        self._board.take_camera(True)

    def _stop(self) -> None:
        if self._pipeline is not None:
            self._pipeline.stop()
            self._pipeline = None
            self._board.take_camera(False)


def _sensitivity(config: SmoothingConfig) -> Sensitivity:
    return Sensitivity(config.time_constant, config.hold, config.uncertain_threshold)
