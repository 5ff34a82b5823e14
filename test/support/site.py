"""A web server on a free port of this machine, with input from the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import numpy as np
from support.nodes import NAMES, face_emotion
from support.waiting import PATIENCE
from websockets.sync.client import connect

from fer_ros.core.classification import ClassifierConfig
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.errors import ModelError
from fer_ros.core.pipeline import Pipeline
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.core.types import EmotionSet, Frame
from fer_ros.web.application import create_application
from fer_ros.web.files.uploads import PictureService
from fer_ros.web.files.videos import VideoService
from fer_ros.web.model_cards import ModelCards
from fer_ros.web.pages.routing import create_pages
from fer_ros.web.services import Services
from fer_ros.web.serving.server import WebServer
from fer_ros.web.serving.settings import WebSettings
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.stream import LiveImage, PictureStream

TOKEN = 'a-token-that-only-tests-know'


class OneHappyFace:
    """A mock of PictureClassifier that finds one face on every picture."""

    def classify(self, frame: Frame) -> EmotionSet:
        return EmotionSet(
            frame.stamp,
            frame.frame_id,
            frame.width,
            frame.height,
            NAMES,
            'stub',
            'hash',
            (face_emotion('face1', 'happy'),),
        )


def tiny_pipeline(detector: str = 'haar') -> Pipeline:
    """Return a pipeline that finds faces and classifies them by the tiny model."""
    config = PipelineConfig(DetectorConfig(detector), classifier=ClassifierConfig('tiny'))
    return PipelineBuilder(config).pipeline()


def no_pipeline() -> Any:
    """Simulate a pipeline whose model is missing."""
    raise ModelError('no model here')


@dataclass
class Site:
    """A running server and its state."""

    server: WebServer
    pipeline_state: PipelineState
    stream: PictureStream
    services: Services

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def port(self) -> int:
        return int(self.url.rpartition(':')[2])

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(self.url + path, timeout=PATIENCE, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return httpx.post(self.url + path, timeout=PATIENCE, **options)

    def socket(self, path: str, **options: Any) -> Any:
        return connect(self.url.replace('http', 'ws') + path, **options)

    def lives(self) -> bool:
        """Return whether the server still answers."""
        return self.get('/healthz', headers={'authorization': f'Bearer {TOKEN}'}).is_success


@contextmanager
def people_in_view(site: Site, result: Callable[[int], EmotionSet]) -> Iterator[None]:
    """Show a gray picture with the people of result(stamp), five times a second."""
    image = np.full((480, 640, 3), 128, np.uint8)
    ended = threading.Event()

    def feed() -> None:
        while not ended.wait(0.2):
            stamp = time.time_ns()
            frame = Frame(image, 'bgr8', stamp)
            emotions = result(stamp)
            site.stream.take_picture(LiveImage(stamp, lambda frame=frame: frame, image.nbytes))
            site.pipeline_state.take_emotions(emotions, 0.02)
            site.stream.take_emotions(emotions)

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        yield
    finally:
        ended.set()
        feeder.join()


def start_site(
    stack: ExitStack,
    load: Any = OneHappyFace,
    make_pipeline: Any = no_pipeline,
    controls: Any = None,
    cameras: Any = None,
    pipeline_state: PipelineState | None = None,
    with_pages: bool = False,
    **settings: Any,
) -> Site:
    """Start a server; it ends with the stack."""
    pipeline_state, pictures = pipeline_state or PipelineState('here'), PictureService(load)
    stream = PictureStream(pipeline_state.people)
    chosen = replace(WebSettings(port=0), **settings)
    services = Services(
        pipeline_state,
        stream,
        pictures,
        VideoService(make_pipeline),
        ModelCards(),
        controls,
        cameras,
    )
    pages = create_pages(pipeline_state, stream) if with_pages else None
    server = stack.enter_context(WebServer(create_application(services, chosen, pages), chosen))
    stack.callback(services.close)
    return Site(server, pipeline_state, stream, services)
