"""The message packages of others: as recorded, and the real ones if they are installed."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import pytest

PACKAGES = ('hri_msgs', 'vision_msgs', 'foxglove_msgs')


def _messages(package: str):
    # test_recorded_messages.py reports which packages are not installed.
    installed = ['installed'] if find_spec(package) else []

    @pytest.fixture(params=['recorded', *installed], name=package)
    def messages(request):
        if request.param == 'installed':
            return import_module(f'{package}.msg')
        pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
        return import_module('support.recorded_messages').recorded_messages(package)

    return messages


hri_msgs, vision_msgs, foxglove_msgs = map(_messages, PACKAGES)
