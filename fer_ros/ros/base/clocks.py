"""Detection of stamps of another clock. A latency across two clocks contains their difference."""

from __future__ import annotations

import rclpy
from rclpy.node import Node

#: In Fast DDS, the id of an endpoint begins with two bytes for the vendor and two for the host
#: (RTPS 2.5, 8.2.4.2, leaves that to the vendor). Ids of other middlewares do not contain the
#: host.
_FAST_DDS = ('rmw_fastrtps_cpp', 'rmw_fastrtps_dynamic_cpp')
_HOST = slice(0, 4)

OTHER_CLOCK = (
    'stamps come from another host: each latency includes the difference between the two clocks'
)


def comes_from_another_host(node: Node, topic: str, own_topic: str) -> bool:
    """Return whether a topic is published on another host. False if that is not known.

    Args:
        own_topic: A topic that the node itself publishes.
    """
    if rclpy.get_rmw_implementation_identifier() not in _FAST_DDS:
        return False
    mine = {
        bytes(info.endpoint_gid[_HOST])
        for info in node.get_publishers_info_by_topic(own_topic)
        if (info.node_name, info.node_namespace) == (node.get_name(), node.get_namespace())
    }
    theirs = {bytes(info.endpoint_gid[_HOST]) for info in node.get_publishers_info_by_topic(topic)}
    return bool(mine and theirs - mine)
