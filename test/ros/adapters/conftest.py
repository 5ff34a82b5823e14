"""The message packages of others: as recorded, and the real ones where they are installed."""

from __future__ import annotations

from importlib import import_module

import pytest

PACKAGES = ('hri_msgs', 'vision_msgs', 'foxglove_msgs')


def _messages(package: str):
    @pytest.fixture(params=['recorded', 'installed'], name=package)
    def messages(request):
        if request.param == 'installed':
            return pytest.importorskip(f'{package}.msg', reason=f'{package} is not installed')
        pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
        return import_module('support.recorded_messages').recorded_messages(package)

    return messages


hri_msgs, vision_msgs, foxglove_msgs = map(_messages, PACKAGES)
