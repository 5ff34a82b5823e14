"""Boxes and positions to the regions and points of messages and back."""

from __future__ import annotations

import math

import numpy as np
from geometry_msgs.msg import Point, PoseWithCovariance
from sensor_msgs.msg import RegionOfInterest

from fer_ros.core import types


def set_roi(roi: RegionOfInterest, box: types.Box, width: int, height: int) -> None:
    """Fill a region with a box, clipped to an image of this size."""
    roi.x_offset, roi.y_offset, roi.width, roi.height = box.clipped(width, height)


def box_from_roi(roi: RegionOfInterest) -> types.Box:
    """Return the box of a region."""
    return types.Box(float(roi.x_offset), float(roi.y_offset), float(roi.width), float(roi.height))


def set_point(point: Point, position: types.Position | None) -> None:
    """Fill a point with a position. None becomes NaN."""
    place = position or _NOWHERE
    point.x, point.y, point.z = place.x, place.y, place.z


def position_from_point(point: Point, stddev: float) -> types.Position | None:
    """Return the position of a point, None for NaN.

    Args:
        stddev: Standard deviation in metres.
    """
    if math.isnan(point.z):
        return None
    return types.Position(point.x, point.y, point.z, stddev)


_NOWHERE = types.Position(math.nan, math.nan, math.nan, math.nan)


def stddev_of(position: types.Position | None) -> float:
    """Return the standard deviation of a position in metres. None becomes NaN."""
    return (position or _NOWHERE).stddev


_NO_COVARIANCE = np.full(36, math.nan)
_NO_POSE = types.HeadPose((math.nan,) * 3, (math.nan,) * 4, _NO_COVARIANCE)


def pose_message(head: types.HeadPose | None) -> PoseWithCovariance:
    """Return the message of a head pose. None becomes NaN."""
    message = PoseWithCovariance()
    set_pose(message, head)
    return message


def set_pose(message: PoseWithCovariance, head: types.HeadPose | None) -> None:
    """Fill a message with a head pose. None becomes NaN."""
    head = head or _NO_POSE
    place, turn = message.pose.position, message.pose.orientation
    place.x, place.y, place.z = head.position
    turn.x, turn.y, turn.z, turn.w = head.orientation
    message.covariance = head.covariance.reshape(36)


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
