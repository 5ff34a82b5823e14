"""Boxes and positions to the regions and points of messages and back."""

from __future__ import annotations

import math

import numpy as np
from geometry_msgs.msg import Point, Pose, PoseWithCovariance, Quaternion
from sensor_msgs.msg import RegionOfInterest

from fer_ros.core import types


def roi_message(box: types.Box, width: int, height: int) -> RegionOfInterest:
    """Return the message of a box, clipped to an image of this size."""
    x, y, box_width, box_height = box.clipped(width, height)
    return RegionOfInterest(x_offset=x, y_offset=y, width=box_width, height=box_height)


def box_from_roi(roi: RegionOfInterest) -> types.Box:
    """Return the box of a region."""
    return types.Box(float(roi.x_offset), float(roi.y_offset), float(roi.width), float(roi.height))


def point_message(position: types.Position | None) -> Point:
    """Return the message of a position. None becomes NaN."""
    if position is None:
        return Point(x=math.nan, y=math.nan, z=math.nan)
    return Point(x=position.x, y=position.y, z=position.z)


def position_from_point(point: Point, stddev: float) -> types.Position | None:
    """Return the position of a point, None for NaN.

    Args:
        stddev: Standard deviation in metres.
    """
    if math.isnan(point.z):
        return None
    return types.Position(point.x, point.y, point.z, stddev)


def stddev_of(position: types.Position | None) -> float:
    """Return the standard deviation of a position in metres. None becomes NaN."""
    return math.nan if position is None else position.stddev


_NO_COVARIANCE = np.full(36, math.nan)
_NO_POSE = types.HeadPose((math.nan,) * 3, (math.nan,) * 4, _NO_COVARIANCE)


def pose_message(head: types.HeadPose | None) -> PoseWithCovariance:
    """Return the message of a head pose. None becomes NaN."""
    x, y, z = (head or _NO_POSE).position
    qx, qy, qz, qw = (head or _NO_POSE).orientation
    pose = Pose(position=Point(x=x, y=y, z=z), orientation=Quaternion(x=qx, y=qy, z=qz, w=qw))
    message = PoseWithCovariance(pose=pose)
    message.covariance = (head or _NO_POSE).covariance.reshape(36)
    return message


def head_pose(message: PoseWithCovariance) -> types.HeadPose | None:
    """Return the head pose of a message. None if it is NaN or not set."""
    place, turn = message.pose.position, message.pose.orientation
    covariance = np.asarray(message.covariance, float).reshape(6, 6)
    numbers = [place.x, place.y, place.z, turn.x, turn.y, turn.z, turn.w]
    length = math.hypot(turn.x, turn.y, turn.z, turn.w)
    is_told = place.z > 0.0 and length > 0.0 and np.isfinite(covariance).all()
    if not (is_told and all(map(math.isfinite, [*numbers, length]))):
        return None
    x, y, z, w = (part / length for part in (turn.x, turn.y, turn.z, turn.w))
    return types.HeadPose((place.x, place.y, place.z), (x, y, z, w), covariance)
