"""face_detector_node: finds, tracks and cuts out the faces of each image."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rclpy.publisher import Publisher
from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from fer_msgs.msg import FaceArray
from fer_ros.core.depth import DepthBuffer, DepthImage
from fer_ros.core.errors import FerError, LateError
from fer_ros.core.pipeline import FaceStage
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.position import CameraModel
from fer_ros.core.types import FaceSet, Frame
from fer_ros.core.upright import Upright
from fer_ros.core.worker import LatestWorker
from fer_ros.ros import messages
from fer_ros.ros.base.arrivals import SILENCE
from fer_ros.ros.base.diagnostics import OK, WARN, Condition
from fer_ros.ros.base.image_subscription import ImageSubscription
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.base.pipeline_parameters import pipeline_builder, pipeline_config
from fer_ros.ros.base.run import run_nodes
from fer_ros.ros.base.transforms import Transforms
from fer_ros.ros.contract import (
    CAMERA_INFO,
    DEPTH,
    FACE_DETECTOR_NODE,
    FACES,
)

#: What a missing or uncalibrated camera_info means.
NO_CAMERA_INFO = (
    'none that is calibrated: positions and head poses are unknown; configure the camera driver '
    'to publish it next to the image'
)

#: Takes faces, and whether to process them on the thread of the detector.
FaceSink = Callable[[FaceSet, bool], None]


class FaceDetectorNode(FerNode):
    """Runs the newest image through a FaceStage on a worker thread.

    Args:
        direct: A node in this process calls take_frame(). No image is subscribed.
    """

    def __init__(self, direct: bool = False, **kwargs: Any) -> None:
        self._direct = direct
        self._sinks: list[FaceSink] = []
        self._stage: FaceStage | None = None
        self._builder: PipelineBuilder | None = None
        self._camera: CameraModel | None = None
        self._depths: DepthBuffer | None = None
        self._message = FaceArray()
        self._publisher: Publisher | None = None
        self._worker: LatestWorker[Frame | Image | CompressedImage] = LatestWorker(
            self._handle, 'face detector'
        )
        super().__init__(FACE_DETECTOR_NODE, **kwargs)
        self._images = ImageSubscription(self, self._worker.take, past_executor=True)

    def connect(self, sink: FaceSink) -> None:
        """Also pass each face set to a node in this process, without a message."""
        self._sinks.append(sink)

    def take_frame(self, frame: Frame, camera: CameraModel, at_once: bool = False) -> None:
        """Take a frame from a node in this process.

        Args:
            frame: The frame.
            camera: Its camera.
            at_once: Process it on this thread while there is little work. If false, it returns
                immediately.
        """
        self._camera = camera
        self._images.note_arrival()
        if at_once:
            self._worker.take(frame)
        else:
            self._worker.submit(frame)

    def configure(self) -> None:
        """Load the detector and the geometry of the crops, and create the publisher."""
        self.require_private_way(self._sinks)
        values = self.parameters.values()
        self._jpeg_quality = int(values['crop_jpeg_quality'])
        self._builder = pipeline_builder(values)
        self._stage = self._builder.face_stage(crops=values['crops'], timed=self.statistics.timed)
        self._stage.head_poses = bool(values['head_poses'])
        self._stage.upright = Upright(int(values['rotation']), bool(values['flip']))
        self._transforms = Transforms(self, 'upright_frame')
        if values['depth_topic']:
            self._depths = DepthBuffer(float(values['depth_tolerance']))
        self.get_logger().info(f'detector {self._stage.detector.selection_reason}')
        if not self.is_private:
            self._publisher = self.create_contract_publisher(FACES)

    def activate(self) -> None:
        """Start the worker and subscribe."""
        self._worker.start()
        self._transforms.subscribe()
        if self._depths is not None:
            depth = replace(self.contract.topic(DEPTH), name=self.parameters['depth_topic'])
            self.subscribe(depth, self._on_depth, past_executor=True)
            self._depth_time = time.monotonic()
        if self._direct:
            self._images.restart()
        else:
            self.subscribe(CAMERA_INFO, self._on_camera_info, past_executor=True)
            self._images.start()

    def deactivate(self) -> None:
        """Stop the worker."""
        self._images.stop()
        self._worker.stop()

    def cleanup(self) -> None:
        """Release the detector."""
        self._stage = None
        self._camera = None
        self._depths = None
        self._publisher = None

    def check_parameters(self, values: dict[str, Any]) -> None:
        """Refuse values that the detector, the tracker or the rotation would refuse, and crops
        of a model that does not exist."""
        pipeline_config(values)
        Upright(int(values['rotation']), bool(values['flip']))
        # A node that was configured without crops has not read the card of the model.
        if self._stage is not None and self._builder is not None and values['crops']:
            try:
                self._builder.crop_spec()
            except FerError as error:
                raise ValueError(f'crops cannot be cut: {error}') from error

    def apply_parameters(self) -> None:
        """Apply new values from the next frame on."""
        values = self.parameters.values()
        self._jpeg_quality = int(values['crop_jpeg_quality'])
        if self._stage is None or self._builder is None:
            return
        config = pipeline_config(values)
        upright = Upright(int(values['rotation']), bool(values['flip']))
        self._stage.set_config(config.detector, config.tracker, upright)
        self._stage.head_poses = bool(values['head_poses'])
        if self._depths is not None:
            self._depths.tolerance = float(values['depth_tolerance'])
        if values['crops'] != (self._stage.crop_spec is not None):
            self._stage.crop_spec = self._builder.crop_spec() if values['crops'] else None

    def condition(self) -> Condition:
        """Return whether images of one camera arrive, with few losses and usable stamps."""
        if self._images.are_silent:
            return Condition(WARN, self._why_silent())
        if warning := self._images.warning() or self._transforms.error:
            return Condition(WARN, warning)
        detector = self._stage.detector if self._stage else None
        if detector is not None and self.parameters['head_poses'] and not detector.has_landmarks:
            return Condition(
                WARN,
                f'{detector.name} finds no landmarks, so no face has a head pose or looks at the '
                'robot: set detector to retinaface or yunet, or head_poses to false',
            )
        return Condition(OK, detector.name if detector else '')

    def _why_silent(self) -> str:
        images = self._images.subscription
        if images is None:
            return 'no frame arrives: check camera_node'
        publishers = self.get_publishers_info_by_topic(images.topic_name)
        if not publishers:
            reason = 'no node publishes it'
        elif self.parameters['image_reliability'] == 'reliable' and all(
            publisher.qos_profile.reliability == ReliabilityPolicy.BEST_EFFORT
            for publisher in publishers
        ):
            reason = (
                'it is published with best-effort reliability, but image_reliability is reliable: '
                'set '
                'image_reliability:=best_effort'
            )
        else:
            reason = (
                f'it has publishers ({len(publishers)}): if they run, compare their QoS with ours '
                '(ros2 topic info -v)'
            )
        return f'no image on {images.topic_name}: {reason}'

    def values(self) -> dict[str, str]:
        """Add the images that were replaced by a newer one, or that raised an error."""
        return {
            'dropped_busy': str(self._worker.dropped),
            'failed': str(self._worker.failed),
            **self._input_notes(),
            **self.clock_note(self._images.subscription),
        }

    def _input_notes(self) -> dict[str, str]:
        """Return what the images are accompanied by, while the node is active."""
        if self.state_label != 'active':
            return {}
        notes = {'camera_info': 'calibrated' if self._camera else NO_CAMERA_INFO}
        if self._depths is not None and time.monotonic() - self._depth_time >= SILENCE:
            notes['depth'] = (
                f'no image on {self.full_topic_name(DEPTH)}: check depth_topic; distances are '
                f'computed from the size of the faces'
            )
            self.get_logger().warning(f'depth: {notes["depth"]}', once=True)
        return notes

    def _on_camera_info(self, message: CameraInfo, info: Mapping[str, int | None]) -> None:
        self._camera = messages.camera_from_info(message)

    def _on_depth(self, message: Image, info: Mapping[str, int | None]) -> None:
        assert self._depths is not None
        self._depth_time = time.monotonic()
        self._depths.add(messages.depth_image(message))

    def _depth_of(self, frame: Frame) -> DepthImage | None:
        """Return the depth image of a frame. If it is missing, that is counted."""
        if self._depths is None:
            return None
        depth = self._depths.at(frame.stamp)
        if depth is None:
            self.statistics.count('without_depth')
        return depth

    def _handle(self, item: Frame | Image | CompressedImage) -> None:
        """Process one image on the worker thread."""
        stage = self._stage
        if stage is None:
            return
        published = self._publisher is not None and self._publisher.get_subscription_count() > 0
        wanted = bool(self._sinks) or published
        try:
            frame = messages.frame(item)
            up = self._transforms.up_in_camera(frame.frame_id, frame.stamp)
            faces = stage.process(frame, self._camera, wanted, self._depth_of(frame), up)
        except LateError:
            self.statistics.count('dropped_late')
            return
        except FerError as error:
            self.report_fault(str(error))
            self.statistics.count('bad_images')
            return
        self.clear_fault()
        self.statistics.processed(self.latency(faces.stamp))
        # While no other frame waits, a change of thread would only take time.
        self.pass_on(self._sinks, faces, not (published or self._worker.has_next))
        if self._publisher is not None and published:
            self._publisher.publish(messages.face_array(faces, self._jpeg_quality, self._message))
        self.statistics.count('crops', sum(face.crop is not None for face in faces.faces))


def main() -> int:
    """Run face_detector_node."""
    return run_nodes(lambda: [FaceDetectorNode()])
