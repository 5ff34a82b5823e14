"""Computes the faces of frames: detects, tracks, estimates positions, cuts crops."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fer_ros.core.crop import CropSpec, cut_crop
from fer_ros.core.depth import DepthImage, position_from_depth
from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.handover import Handover
from fer_ros.core.pose.estimate import measure_pose
from fer_ros.core.pose.follow import HeadPoses
from fer_ros.core.position import CameraModel, estimate_position
from fer_ros.core.stamp_order import StampOrder
from fer_ros.core.timing import Timer, untimed
from fer_ros.core.tracking import FaceTracker, TrackerConfig
from fer_ros.core.types import (
    Box,
    Detection,
    Face,
    FaceSet,
    Frame,
    HeadPose,
    Position,
    Track,
)
from fer_ros.core.upright import Upright

_logger = logging.getLogger(__name__)


class FaceStage:
    """Computes faces from frames: detects, tracks, estimates positions, cuts crops.

    Args:
        detector: Finds the faces.
        crop_spec: Specification of the crops. None cuts none.
        tracker_config: How faces are tracked.
        head_poses: Whether to estimate the head poses of faces with landmarks, if there is a
            camera.
        id_prefix: Beginning of the ids of faces. None is a random one.
        timed: Measures the time of the detection.

    Attributes:
        upright: How frames are rotated before the search. Results refer to the original frame.
    """

    def __init__(
        self,
        detector: FaceDetector,
        crop_spec: CropSpec | None = None,
        tracker_config: TrackerConfig | None = None,
        id_prefix: str | None = None,
        timed: Timer = untimed,
        head_poses: bool = True,
    ) -> None:
        self.detector = detector
        self.crop_spec = crop_spec
        self.head_poses = head_poses
        self.upright = Upright()
        self._poses = HeadPoses()
        self._tracker = FaceTracker(tracker_config, id_prefix)
        self._timed = timed
        self._order = StampOrder()
        self._frame_id = ''
        self._next_config: Handover[tuple[DetectorConfig, TrackerConfig, Upright | None]] = (
            Handover()
        )

    def set_config(
        self, detector: DetectorConfig, tracker: TrackerConfig, upright: Upright | None = None
    ) -> None:
        """Apply another configuration from the next frame on. Ids of faces do not change.

        You can call it on another thread than process().

        Args:
            detector: Configuration of the search. Its `detector` is ignored; the detector is not
                replaced.
            tracker: How faces are tracked.
            upright: How frames are rotated. None changes nothing.
        """
        self._next_config.put((detector, tracker, upright))

    def process(
        self,
        frame: Frame,
        camera: CameraModel | None = None,
        cut_crops: bool = True,
        depth: DepthImage | None = None,
        up: tuple[float, float, float] | None = None,
    ) -> FaceSet:
        """Return the faces of a frame.

        Args:
            frame: The next frame.
            camera: For positions and head poses, of any resolution of the same view. None omits
                them.
            cut_crops: False omits crops and head poses.
            depth: Aligned with the frame, for distances. None estimates them from the size of the
                faces.
            up: The direction up in the camera's optical frame. `upright` follows it. None changes
                nothing.

        Raises:
            EncodingError: The image does not match its encoding.
            LateError: The frame is older than an earlier one and is omitted.
            DetectorError: The detector cannot run with the configuration of set_config().
        """
        self._take_config()
        # First, because a late frame must not disturb the search of the others.
        self._check_view(frame)
        if up is not None:
            self.upright = self.upright.turned_to(up)
        upright = self.upright
        turned = upright.frame(frame)
        if camera is not None:
            camera = upright.camera(camera.scaled_to(frame.width, frame.height))
        if depth is not None:
            depth = DepthImage(upright.image(depth.image), depth.stamp)
        with self._timed('detection'):
            detections = self.detector.detect(turned)
        faces = self._track(turned, detections, camera, cut_crops, depth)
        return upright.back(faces, frame.width, frame.height)

    def track(
        self,
        frame: Frame,
        detections: Sequence[Detection],
        camera: CameraModel | None = None,
    ) -> FaceSet:
        """Return what process() does, for faces that were detected already."""
        self._check_view(frame)
        if camera is not None:
            camera = camera.scaled_to(frame.width, frame.height)
        return self._track(frame, detections, camera)

    def _track(
        self,
        frame: Frame,
        detections: Sequence[Detection],
        camera: CameraModel | None,
        cut_crops: bool = True,
        depth: DepthImage | None = None,
    ) -> FaceSet:
        """Track and cut. The camera has the size of the frame."""
        spec = self.crop_spec if cut_crops else None
        with_pose = self.head_poses and cut_crops
        faces = []
        for track in self._tracker.update(detections, frame.stamp):
            detection = track.detection
            position = None if camera is None else _position(detection.box, camera, depth)
            faces.append(
                Face(
                    track.face_id,
                    detection.box,
                    detection.confidence,
                    detection.landmarks,
                    position,
                    None if spec is None else cut_crop(frame, detection, spec),
                    self._head_pose(track, position, camera, frame.stamp) if with_pose else None,
                )
            )
        self._poses.forget_unseen(frame.stamp)
        return FaceSet(
            frame.stamp,
            frame.frame_id,
            frame.width,
            frame.height,
            tuple(faces),
            '' if spec is None else spec.geometry.name,
            '' if spec is None else spec.channels,
        )

    def _check_view(self, frame: Frame) -> None:
        """Forget all faces if time goes back or the view changes."""
        seconds_back = self._order.step_back(frame.stamp)
        if seconds_back:
            _logger.warning(
                'time jumped back by %.3f s: all faces get new identities', seconds_back
            )
        if seconds_back or frame.frame_id != self._frame_id:
            # Another frame_id is another view, such as the next picture of a folder.
            self._tracker.reset()
            self._poses.reset()
        self._frame_id = frame.frame_id

    def _head_pose(
        self, track: Track, position: Position | None, camera: CameraModel | None, stamp: int
    ) -> HeadPose | None:
        landmarks = track.detection.landmarks
        if landmarks is None or position is None or camera is None:
            return None
        measured = measure_pose(landmarks, camera)
        if measured is None:
            return None
        return self._poses.update(track.face_id, measured, position, stamp)

    def _take_config(self) -> None:
        config = self._next_config.take()
        if config is None:
            return
        detector, self._tracker.config, upright = config
        self.upright = upright or self.upright
        if detector != self.detector.config:
            self.detector.set_config(detector)


def _position(box: Box, camera: CameraModel, depth: DepthImage | None) -> Position:
    """Return the position of a face from its depth or, if that is unknown, from its size."""
    measured = None if depth is None else position_from_depth(box, camera, depth.image)
    return measured or estimate_position(box, camera)
