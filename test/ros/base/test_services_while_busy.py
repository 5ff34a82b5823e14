"""Services answer while a frame is in a slow stage, because no executor waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from lifecycle_msgs.srv import GetState
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from support.robot import free_domain
from support.waiting import PATIENCE

from fer_ros.core.position import CameraModel
from fer_ros.core.types import FaceSet, Frame
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.nodes.camera_node import CameraNode
from fer_ros.ros.nodes.emotion_classifier_node import EmotionClassifierNode
from fer_ros.ros.nodes.face_detector_node import FaceDetectorNode


class SlowStage:
    """Takes one item and keeps it until it is released."""

    def __init__(self) -> None:
        self.busy = threading.Event()
        self.released = threading.Event()

    def __call__(self, *item: Any) -> None:
        self.busy.set()
        assert self.released.wait(PATIENCE)


def busy_camera(context: Any, stage: SlowStage) -> FerNode:
    source = Parameter('source', value='synthetic')
    camera = CameraNode(context=context, parameter_overrides=[source])
    camera.connect(stage)
    camera.autostart()
    return camera


def busy_detector(context: Any, stage: SlowStage) -> FerNode:
    detector = FaceDetectorNode(direct=True, context=context)
    detector.connect(stage)
    detector.autostart()
    frame = Frame(np.zeros((240, 320, 3), np.uint8), 'bgr8', 1)
    detector.take_frame(frame, CameraModel.from_fov(320, 240, 60.0))
    return detector


def busy_classifier(context: Any, stage: SlowStage) -> FerNode:
    classifier = EmotionClassifierNode(direct=True, context=context)
    classifier.connect(stage)
    classifier.autostart()
    classifier.take_faces(FaceSet(1, 'camera', 320, 240, (), '', ''))
    return classifier


@contextmanager
def spinning(node: Node, context: Any):
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    thread = threading.Thread(target=executor.spin, daemon=True)
    thread.start()
    try:
        yield
    finally:
        executor.shutdown()
        thread.join()
        node.destroy_node()


@pytest.mark.parametrize(
    ('start', 'name', 'parameter'),
    [
        (busy_camera, 'camera_node', Parameter('jpeg_quality', value=70)),
        (busy_detector, 'face_detector_node', Parameter('confidence', value=0.7)),
        (busy_classifier, 'emotion_classifier_node', Parameter('hold', value=0.7)),
    ],
)
def test_a_node_answers_services_during_a_slow_stage(
    start: Callable[[Any, SlowStage], FerNode], name: str, parameter: Parameter
):
    stage, context = SlowStage(), rclpy.Context()
    with free_domain() as domain:
        rclpy.init(context=context, domain_id=domain)
        asking = Node('asking', context=context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(asking)

        def answer(kind: Any, service: str, request: Any) -> Any:
            client = asking.create_client(kind, f'{name}/{service}')
            assert client.wait_for_service(PATIENCE)
            future = client.call_async(request)
            deadline = time.monotonic() + PATIENCE
            while not future.done():
                assert time.monotonic() < deadline, f'{service} does not answer'
                executor.spin_once(timeout_sec=0.1)
            return future.result()

        try:
            with spinning(start(context, stage), context):
                try:
                    assert stage.busy.wait(PATIENCE)
                    state = answer(GetState, 'get_state', GetState.Request())
                    request = SetParameters.Request(parameters=[parameter.to_parameter_msg()])
                    (result,) = answer(SetParameters, 'set_parameters', request).results
                    values = answer(
                        GetParameters, 'get_parameters', GetParameters.Request(names=['autostart'])
                    ).values
                finally:
                    stage.released.set()
            assert state.current_state.label == 'active'
            assert result.successful, result.reason
            assert values[0].bool_value
        finally:
            executor.shutdown()
            asking.destroy_node()
            rclpy.shutdown(context=context)
