"""The demo without ROS 2: the same pipeline, dashboard and events in this process."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack

from fer_ros.cli.screen import STARTUP, Screen
from fer_ros.cli.words import in_words, status_line, total
from fer_ros.core.classification import ClassifierConfig
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.ending import end_event
from fer_ros.core.errors import FerError
from fer_ros.core.models import DEFAULT_MODEL
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.web.local.controls import LocalControls, LocalSettings
from fer_ros.web.local.site import LocalSite
from fer_ros.web.serving.addresses import is_free
from fer_ros.web.serving.settings import WebSettings
from fer_ros.web.state.health import Level
from fer_ros.web.state.pipeline_state import NumberedEvent, PipelineState

#: Seconds between two checks for new results.
PERIOD = 0.1


def run(arguments: Mapping[str, str], duration: float) -> int:
    """Run the pipeline until Ctrl-C. Return the exit code.

    Args:
        arguments: The supported arguments of pipeline.launch.py, by name.
        duration: Seconds from the first processed frame to the end; 0 does not end. If no frame is
            processed within STARTUP, the time starts then and the exit code is 1.
    """
    stopping = end_event()
    config = PipelineConfig(
        detector=DetectorConfig(detector=arguments.get('detector') or 'auto'),
        classifier=ClassifierConfig(model=arguments.get('model') or DEFAULT_MODEL),
    )
    site = LocalSite()
    controls = site.controls(LocalSettings(arguments.get('source') or 'auto', config))
    show = _Show(site.pipeline_state)
    show.screen.line('without ROS 2: the pipeline runs in this process and publishes no topics')
    try:
        with ExitStack() as stack:
            if arguments.get('web') == 'true':
                stack.callback(show.end)
                show.screen.line(f'dashboard: {_serve(stack, site, controls)}')
            stack.callback(controls.stop)
            controls.start()
            return show.until(stopping, controls, duration)
    except FerError as error:
        print(f'demo: {error}', file=sys.stderr)
        return 1


def _serve(stack: ExitStack, site: LocalSite, controls: LocalControls) -> str:
    """Start the dashboard until the stack is closed. Return its address."""
    from fer_ros.web.local.server import serving  # It needs optional libraries.

    settings = WebSettings()
    if not is_free(settings.address, settings.port):
        settings = WebSettings(port=0)
    return stack.enter_context(serving(site, controls, settings)).url


class _Show:
    """Prints the events and the state of the pipeline."""

    def __init__(self, pipeline_state: PipelineState) -> None:
        self.screen = Screen()
        self._pipeline_state = pipeline_state
        self._events: deque[NumberedEvent] = deque()
        self._faces: set[str] = set()
        self._problem = ''
        self._start = time.time()
        self._end_listening = pipeline_state.listen(self._events.append)

    def until(self, stopping: threading.Event, controls: LocalControls, duration: float) -> int:
        """Print until the end. Return the exit code."""
        latest_start = time.monotonic() + STARTUP
        end = latest_start + duration if duration else math.inf
        source = ''
        while time.monotonic() < end and not stopping.wait(PERIOD):
            self._print_problem()
            if not self._pipeline_state.figures().results:
                self.screen.status('starting ...')
                continue
            if duration:
                end = min(end, time.monotonic() + duration) if not source else end
            if controls.source_description != source:
                source = controls.source_description
                self.screen.line(f'source: {source}')
            self._print_events()
            self.screen.status(self._status())
        self._print_events()
        self.screen.end()
        figures = self._pipeline_state.figures()
        print(total(figures.events, len(self._faces), figures.results))
        return 0 if figures.results or stopping.is_set() else 1

    def end(self) -> None:
        """Stop listening."""
        self._end_listening()

    def _print_events(self) -> None:
        while self._events:
            numbered = self._events.popleft()
            self._faces.add(numbered.event.face_id)
            self.screen.line(f'{numbered.time - self._start:6.1f} s  {in_words(numbered.event)}')

    def _print_problem(self) -> None:
        problem = next(
            (node.message for node in self._pipeline_state.nodes() if node.level is not Level.OK),
            '',
        )
        if problem and problem != self._problem:
            self.screen.line(f'pipeline: {problem}')
        self._problem = problem

    def _status(self) -> str:
        emotions = self._pipeline_state.emotions()
        faces = () if emotions is None else emotions.faces
        return status_line(faces, self._pipeline_state.figures().latency)
