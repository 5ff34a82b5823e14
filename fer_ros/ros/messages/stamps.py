"""Stamps and durations: nanoseconds and seconds to the messages of ROS and back."""

from __future__ import annotations

from builtin_interfaces.msg import Duration, Time
from std_msgs.msg import Header

from fer_ros.core.types import S_TO_NS

#: The seconds of a Time end in 2038.
_LAST_STAMP = 2**31 * S_TO_NS - 1


def stamp_from_time(time: Time) -> int:
    """Return a stamp in nanoseconds."""
    return int(time.sec) * S_TO_NS + int(time.nanosec)


def time_from_stamp(stamp: int) -> Time:
    """Return the message of a stamp in nanoseconds. Later stamps become the last possible one."""
    time = Time()
    _set_time(time, stamp)
    return time


def header(stamp: int, frame_id: str) -> Header:
    """Return a header with a stamp in nanoseconds."""
    message = Header()
    set_header(message, stamp, frame_id)
    return message


def set_header(message: Header, stamp: int, frame_id: str) -> None:
    """Fill a header with a stamp in nanoseconds."""
    _set_time(message.stamp, stamp)
    message.frame_id = frame_id


def _set_time(time: Time, stamp: int) -> None:
    time.sec, time.nanosec = divmod(min(stamp, _LAST_STAMP), S_TO_NS)


def seconds_of(duration: Duration) -> float:
    """Return a duration in seconds."""
    return float(duration.sec + duration.nanosec / S_TO_NS)


def duration_message(seconds: float) -> Duration:
    """Return the message of a duration in seconds, at least 0."""
    whole, nanoseconds = divmod(round(max(seconds, 0.0) * S_TO_NS), S_TO_NS)
    return Duration(sec=whole, nanosec=nanoseconds)
