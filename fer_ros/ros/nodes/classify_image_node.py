"""classify_image_node: classifies the faces of single pictures on request."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.task import Future
from sensor_msgs.msg import Image

from fer_msgs.msg import FaceEmotionArray
from fer_msgs.srv import ClassifyImage
from fer_ros.core.display.drawing import draw_emotions
from fer_ros.core.display.overlay import bgr_copy
from fer_ros.core.errors import EncodingError, FerError
from fer_ros.core.picture_classifier import MOST_WAITING, PictureClassifier
from fer_ros.core.position import CameraModel
from fer_ros.core.types import Frame
from fer_ros.ros import messages
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.base.pipeline_parameters import pipeline_builder, pipeline_config
from fer_ros.ros.base.run import run_nodes
from fer_ros.ros.contract import CLASSIFY_IMAGE_NODE

Request: TypeAlias = ClassifyImage.Request
Response: TypeAlias = ClassifyImage.Response


class ClassifyImageNode(FerNode):
    """Answers requests one by one on a thread, so that its other services stay fast."""

    def __init__(self, **kwargs: Any) -> None:
        self._classifier: PictureClassifier | None = None
        self._is_serving = False
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, 'classify image')
        super().__init__(CLASSIFY_IMAGE_NODE, **kwargs)
        (service,) = self.contract.services
        # A separate callback group, because a request that waits for the thread occupies it.
        self._service = self.create_service(
            messages.service_type(service.type),
            service.name,
            self._answer,
            callback_group=ReentrantCallbackGroup(),
        )

    def configure(self) -> None:
        """Load detector and model."""
        classifier = pipeline_builder(self.parameters.values()).picture_classifier()
        self.get_logger().info(f'detector {classifier.detector.selection_reason}')
        self.get_logger().info(classifier.classifier.description)
        self._classifier = classifier

    def activate(self) -> None:
        """Start to answer requests."""
        self._is_serving = True

    def deactivate(self) -> None:
        """Refuse further requests. Requests in progress are answered."""
        self._is_serving = False

    def cleanup(self) -> None:
        """Release detector and model."""
        self._classifier = None

    def apply_parameters(self) -> None:
        """Apply new values from the next picture on."""
        if self._classifier is not None:
            config = pipeline_config(self.parameters.values())
            self._classifier.set_config(config.detector, config.smoothing.uncertain_threshold)

    def destroy_node(self) -> None:
        """End the thread before the node is destroyed."""
        self._thread.shutdown(cancel_futures=True)
        super().destroy_node()

    async def _answer(self, request: Request, response: Response) -> Response:
        classifier = self._classifier
        if classifier is None or not self._is_serving:
            return _refuse(
                response,
                Response.NOT_READY,
                f'{self.get_name()} is {self.state_label}: configure and activate it',
            )
        if self._waiting >= MOST_WAITING:
            return _refuse(
                response,
                Response.BUSY,
                f'{self._waiting} pictures are waiting: try again later',
            )
        self._waiting += 1
        received = time.monotonic()
        fov = float(self.parameters['horizontal_fov'])
        try:
            return await self._on_thread(
                lambda: self._classify(classifier, fov, request, response)
            )
        finally:
            self._waiting -= 1
            self.statistics.processed(time.monotonic() - received)

    def _on_thread(self, work: Callable[[], Response]) -> Future:
        done = Future()
        executor = self.executor
        # Otherwise, the executor would not check again until something else wakes it.
        done.add_done_callback(lambda _: executor.wake())
        self._thread.submit(lambda: done.set_result(work()))
        return done

    def _classify(
        self,
        classifier: PictureClassifier,
        horizontal_fov: float,
        request: Request,
        response: Response,
    ) -> Response:
        """Fill the response in any case. It runs on the thread."""
        try:
            result, annotated = _results(classifier, horizontal_fov, request)
        except EncodingError as error:
            return _refuse(response, Response.BAD_IMAGE, str(error))
        except FerError as error:
            self.get_logger().error(str(error))
            return _refuse(response, Response.FAILED, str(error))
        except Exception as error:
            self.log_traceback('a picture could not be classified')
            return _refuse(response, Response.FAILED, f'{type(error).__name__}: {error}')
        response.status, response.result = Response.OK, result
        if annotated is not None:
            response.annotated_image = annotated
        return response


def _results(
    classifier: PictureClassifier, horizontal_fov: float, request: Request
) -> tuple[FaceEmotionArray, Image | None]:
    """Return the faces and, if requested, the annotated picture. Raises FerError."""
    frame = _picture(request)
    camera = messages.camera_from_info(request.camera_info)
    if camera is None:
        camera = CameraModel.from_fov(frame.width, frame.height, horizontal_fov)
    emotions = classifier.classify(frame, camera=camera)
    result = messages.emotion_array(emotions)
    if not request.annotate:
        return result, None
    image = bgr_copy(frame)
    draw_emotions(image, emotions)
    annotated = Frame(image, 'bgr8', frame.stamp, frame.frame_id)
    return result, messages.ImageBuffer().fill(annotated)


def _picture(request: Request) -> Frame:
    """Return the picture of a request. Raises EncodingError."""
    if len(request.image.data):
        return messages.frame_from_image(request.image)
    if len(request.compressed_image.data):
        return messages.frame_from_compressed(request.compressed_image, rotate=True)
    raise EncodingError('the request has no picture: fill image or compressed_image')


def _refuse(response: Response, status: int, reason: str) -> Response:
    response.status, response.message = status, reason
    return response


def main() -> int:
    """Run classify_image_node."""
    return run_nodes(lambda: [ClassifyImageNode()])
