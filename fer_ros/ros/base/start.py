"""The start of rclpy, with errors that name the argument and the remedy."""

from __future__ import annotations

from collections.abc import Sequence

import rclpy
from rclpy.signals import SignalHandlerOptions

from fer_ros.core.errors import FerError
from fer_ros.ros.base.command_line import check_ros_arguments, split_arguments


def start_ros(
    arguments: Sequence[str], signals: SignalHandlerOptions = SignalHandlerOptions.NO
) -> None:
    """Start rclpy with the arguments for ROS of a command line.

    Args:
        arguments: The command line without the name of the program. Its other arguments are
            ignored.
        signals: The signals that rclpy handles.

    Raises:
        FerError: An argument for ROS is wrong.
    """
    try:
        check_ros_arguments(arguments)
        rclpy.init(args=split_arguments(arguments)[1], signal_handler_options=signals)
    except Exception as error:  # rclpy has no narrower class for refused arguments
        raise FerError(str(error)) from error
