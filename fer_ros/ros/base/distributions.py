"""Differences between rclpy of Humble and of later distributions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.subscription import Subscription


def with_info(callback: Callable[..., None]) -> Callable[..., None]:
    """Return a callback that gets an empty info if rclpy passes only the message, as in Humble.

    Args:
        callback: Called with the message, and with its info if it has two parameters.
    """
    parameters = inspect.signature(callback).parameters.values()
    needed = sum(parameter.default is parameter.empty for parameter in parameters)

    # rclpy reads the signature, and wraps() keeps it.
    @functools.wraps(callback)
    def take(*arguments: Any) -> None:
        callback(*arguments, *[{}] * (needed - len(arguments)))

    return take


def publisher_count(node: Node, subscription: Subscription) -> int:
    """Return the number of publishers that a subscription has found.

    In Humble, it is the number that the node has found.
    """
    if hasattr(subscription, 'get_publisher_count'):
        return int(subscription.get_publisher_count())
    return int(node.count_publishers(subscription.topic_name))
