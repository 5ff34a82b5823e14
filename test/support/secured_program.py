"""A robot program that prints what DDS security allows.

python secured_program.py hear|forge|peek SECONDS --ros-args --enclave /fer_ros/robot_program
"""

from __future__ import annotations

import sys
import time

import rclpy
from rclpy.qos import qos_profile_sensor_data
from rclpy.utilities import remove_ros_args
from sensor_msgs.msg import Image
from std_srvs.srv import SetBool

from fer_msgs.msg import FaceArray, FaceEmotionArray

_, action, seconds = remove_ros_args(sys.argv)
rclpy.init()
node = rclpy.create_node('robot_program')
heard: list[object] = []
try:
    if action == 'forge':
        node.create_publisher(FaceArray, 'faces', 1)
    else:
        kind, topic = (
            (FaceEmotionArray, 'face_emotions') if action == 'hear' else (Image, 'image_raw')
        )
        node.create_subscription(kind, topic, heard.append, qos_profile_sensor_data)
except Exception as error:
    print('denied', str(error).replace('\n', ' '))
    sys.exit()
end = time.monotonic() + float(seconds)
while time.monotonic() < end and not heard:
    rclpy.spin_once(node, timeout_sec=0.2)
print('heard' if heard else 'silence')
if heard and action == 'hear':
    client = node.create_client(SetBool, 'camera_node/enable')
    client.wait_for_service(float(seconds))
    for on in (False, True):
        answer = client.call_async(SetBool.Request(data=on))
        rclpy.spin_until_future_complete(node, answer, timeout_sec=float(seconds))
        print('switched', on if answer.done() and answer.result().success else 'not at all')
