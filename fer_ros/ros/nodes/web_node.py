"""web_node: the pipeline in a browser and over HTTP."""

from __future__ import annotations

import math
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Bool

from fer_msgs.msg import AttentionEvent, ExpressionEvent, FaceEmotionArray
from fer_ros.core.picture_classifier import PictureClassifier
from fer_ros.core.pipeline import Pipeline
from fer_ros.ros import messages
from fer_ros.ros.base.diagnostics import INCREDIBLE_LATENCY, OK, STATUS_SUFFIX, WARN, Condition
from fer_ros.ros.base.image_subscription import DEMAND_PERIOD, ImageSubscription
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.base.pipeline_parameters import pipeline_builder, pipeline_config
from fer_ros.ros.base.run import run_nodes
from fer_ros.ros.contract import (
    ATTENTION_EVENTS,
    CAMERA_ENABLED,
    CAMERA_NODE,
    DIAGNOSTICS_TOPIC,
    EXPRESSION_EVENTS,
    FACE_EMOTIONS,
    WEB_NODE,
)
from fer_ros.ros.nodes.web_controls import RosControls
from fer_ros.web.libraries import require_libraries
from fer_ros.web.model_cards import ModelCards
from fer_ros.web.serving.addresses import qr_code
from fer_ros.web.serving.settings import WebSettings, is_loopback, read_token
from fer_ros.web.state.health import Level, NodeHealth
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.stream import LiveImage, PictureStream

_LEVELS = {DiagnosticStatus.OK: Level.OK, DiagnosticStatus.WARN: Level.WARN}


class WebNode(FerNode):
    """Feeds a web server from topics. It subscribes to pictures only while there are viewers."""

    def __init__(self, **kwargs: Any) -> None:
        self._pipeline_state = PipelineState()
        self._stream = PictureStream(self._pipeline_state.people)
        self._pages: Any = None
        self._server: Any = None
        self._site: Any = None
        self._controls: RosControls | None = None
        # Kept longer than the controls, because the nodes of the pipeline keep these values, too.
        self._chosen: dict[str, Any] = {}
        super().__init__(WEB_NODE, **kwargs)
        self._images = ImageSubscription(self, self._on_image)
        self.repeat(DEMAND_PERIOD, self._follow_demand)

    def configure(self) -> None:
        """Check the settings of the server."""
        require_libraries()
        values = self.parameters.values()
        self._settings = WebSettings(
            str(values['address']),
            int(values['port']),
            read_token(str(values['token_file'])),
            tuple(name for name in values['allowed_hosts'] if name),
            tuple(origin for origin in values['cors_origins'] if origin),
            max_upload=int(values['max_upload']) * 1_000_000,
            max_video=int(values['max_video']) * 1_000_000,
        )
        self.apply_parameters()

    def activate(self) -> None:
        """Serve, and subscribe."""
        # Imported here, because they need optional libraries.
        from fer_ros.web.application import create_application
        from fer_ros.web.pages.routing import create_pages
        from fer_ros.web.serving.server import WebServer

        if self._pages is None:
            self._pages = create_pages(self._pipeline_state, self._stream, self.is_private)
        self._site = self._create_services()
        self._server = WebServer(
            create_application(self._site, self._settings, self._pages), self._settings
        )
        self._server.start()
        self.get_logger().info(
            f'dashboard on {" or ".join(self._server.urls)}, API on {self._server.url}/docs'
        )
        if not is_loopback(self._settings.address):
            print(*qr_code(self._server.url), sep='\n', flush=True)
        self.subscribe(FACE_EMOTIONS, self._on_emotions)
        self.subscribe(EXPRESSION_EVENTS, self._on_event)
        self.subscribe(ATTENTION_EVENTS, self._on_attention)
        self.subscribe(self.contract.topic(DIAGNOSTICS_TOPIC.name), self._on_diagnostics)
        self.subscribe(CAMERA_ENABLED.replace('~', CAMERA_NODE.name), self._on_camera)

    def _create_services(self) -> Any:
        """Return the services of the server, and create its controls if they are allowed."""
        from fer_ros.offline.results.records import ID_PREFIX
        from fer_ros.web.files.browser_camera import CameraService
        from fer_ros.web.files.uploads import PictureService
        from fer_ros.web.files.videos import VideoService
        from fer_ros.web.services import Services

        values = self.parameters.values()
        folders = [folder for folder in values['model_folders'] if folder]
        models = ModelCards(folders, str(values['model']))
        if values['controls']:
            sources = [source for source in values['sources'] if source]
            self._controls = RosControls(self, self._pipeline_state, models, sources, self._chosen)
        return Services(
            self._pipeline_state,
            self._stream,
            PictureService(self._picture_classifier),
            VideoService(lambda: self._new_pipeline(ID_PREFIX)),
            models,
            self._controls,
            None if self.is_private else CameraService(self._new_pipeline),
        )

    def deactivate(self) -> None:
        """End the server."""
        self._images.stop()
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._site is not None:
            self._site.close()
            self._site = None
        if self._controls is not None:
            self._controls.destroy()
            self._controls = None

    def apply_parameters(self) -> None:
        """Apply new values from the next picture on."""
        self._stream.jpeg_quality = int(self.parameters['jpeg_quality'])
        if self._site is not None:
            config = pipeline_config(self._pipeline_values())
            self._site.pictures.set_config(config.detector, config.smoothing.uncertain_threshold)

    def condition(self) -> Condition:
        """Return the address, or the fault of the pictures."""
        if warning := self._images.warning():
            return Condition(WARN, warning)
        return Condition(OK, str(self._server.url))

    def values(self) -> dict[str, str]:
        """Add the number of viewers, and of pictures that cannot be shown."""
        return {'viewers': str(self._stream.viewers), 'failed': str(self._stream.failed)}

    def _picture_classifier(self) -> PictureClassifier:
        """Return the classifier of pictures. Called on a thread of the server."""
        return pipeline_builder(self._pipeline_values()).picture_classifier()

    def _new_pipeline(self, id_prefix: str | None = None) -> Pipeline:
        """Return a pipeline for a video or a browser's camera. Called on a thread of the
        server."""
        return pipeline_builder(self._pipeline_values()).pipeline(id_prefix)

    def _pipeline_values(self) -> dict[str, Any]:
        """Return the parameters, with the values that people selected on the page."""
        return {**self.parameters.values(), **self._chosen}

    # Pictures.

    def _follow_demand(self) -> None:
        """Subscribe to pictures while there are viewers."""
        self._watch(self._server is not None and self._stream.is_watched)

    def _watch(self, wanted: bool) -> None:
        without = self.is_private or self.parameters['image_transport'] == 'none'
        if not wanted:
            self._images.stop()
        elif not without and self._images.subscription is None:
            self._images.start()

    def _on_image(self, message: Image | CompressedImage) -> None:
        self._stream.tolerance = self._images.tolerance
        jpeg = memoryview(message.data) if isinstance(message, CompressedImage) else None
        self._stream.take_picture(
            LiveImage(
                messages.stamp_from_time(message.header.stamp),
                lambda: messages.frame(message),
                len(message.data),
                jpeg,
            )
        )

    # Results and state.

    def _on_emotions(self, message: FaceEmotionArray) -> None:
        emotions = messages.emotion_set(message)
        latency = self.latency(emotions.stamp)
        is_credible = 0 <= latency < INCREDIBLE_LATENCY
        self._pipeline_state.take_emotions(emotions, latency if is_credible else None)
        self._stream.take_emotions(emotions)
        self.statistics.processed(latency)

    def _on_event(self, message: ExpressionEvent) -> None:
        self._pipeline_state.take_event(messages.expression_event(message))

    def _on_attention(self, message: AttentionEvent) -> None:
        self._pipeline_state.take_event(messages.attention_event(message))

    def _on_camera(self, message: Bool) -> None:
        self._pipeline_state.take_camera(bool(message.data))

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        namespace = self.get_namespace().strip('/')
        for status in message.status:
            path = status.name.removesuffix(STATUS_SUFFIX)
            parent, _, name = path.rpartition('/')
            if path != status.name and parent == namespace and name != self.get_name():
                self._pipeline_state.take_health(
                    _health(name, status, self._pipeline_state.clock())
                )


def _health(name: str, status: DiagnosticStatus, now: float) -> NodeHealth:
    """Convert the diagnostic status of a node of fer_ros."""
    values = {pair.key: pair.value for pair in status.values}
    dropped = sum(
        int(value) for key, value in values.items() if 'dropped' in key and value.isdecimal()
    )
    latency = _number(values.get('latency_median_ms', ''))
    return NodeHealth(
        name,
        status.hardware_id,
        _LEVELS.get(status.level, Level.ERROR),
        status.message,
        now,
        _number(values.get('rate_hz', '')),
        None if latency is None else latency / 1000,
        dropped,
    )


def _number(text: str) -> float | None:
    """Return a finite number, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def main() -> int:
    """Run web_node."""
    return run_nodes(lambda: [WebNode()])
