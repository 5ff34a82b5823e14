"""A camera driver of another package: a separate process that publishes gray noise.

python image_driver.py TOPIC [width height rate stamp_offset]
"""

from __future__ import annotations

import array
import sys
import time

import rclpy
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image

from fer_ros.ros.messages import header


def main() -> None:
    """Publish bgr8 images, reliably as most drivers do, with stamps off by some seconds."""
    topic, *given = sys.argv[1:]
    width, height, rate, offset = [*map(float, given), *(640, 480, 30, 0)[len(given) :]]
    rclpy.init()
    node = rclpy.create_node('usb_cam')
    publisher = node.create_publisher(
        Image, topic, QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
    )
    message = Image(width=int(width), height=int(height), encoding='bgr8', step=int(width) * 3)
    message.data = array.array('B', bytes(int(width) * int(height) * 3))
    while rclpy.ok():
        message.header = header(time.time_ns() + int(offset * 1e9), 'eye')
        publisher.publish(message)
        time.sleep(1 / rate)


if __name__ == '__main__':
    main()
