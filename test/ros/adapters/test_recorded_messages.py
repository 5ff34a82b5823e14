"""Recorded messages of other packages equal the installed ones."""

from __future__ import annotations

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')

from support.recorded_messages import CONSTANTS, RECORDED, recorded_messages

from fer_ros.core.errors import FerError
from fer_ros.ros.adapters.packages import SOURCES, messages_of


@pytest.mark.parametrize('package', sorted({name.partition('/')[0] for name in RECORDED}))
def test_installed_messages_have_the_recorded_fields(package):
    messages = pytest.importorskip(f'{package}.msg', reason=f'{package} is not installed')
    for name in RECORDED:
        if name.startswith(f'{package}/'):
            message = getattr(messages, name.partition('/')[2])
            assert RECORDED[name].items() <= message.get_fields_and_field_types().items(), name
            for constant, value in CONSTANTS.get(name, {}).items():
                assert getattr(message, constant) == value, name


def test_a_recorded_message_refuses_what_the_real_one_refuses():
    expression = recorded_messages('hri_msgs').Expression()
    with pytest.raises(AssertionError, match='no field contempt'):
        expression.contempt = 1.0
    with pytest.raises(AssertionError, match='is no string'):
        expression.expression = None


@pytest.mark.parametrize('package', SOURCES)
def test_a_missing_package_is_named_with_the_remedy(package, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f'No module named {name!r}')

    monkeypatch.setattr('fer_ros.ros.adapters.packages.import_module', missing)
    apt_name = package.replace('_', '-')
    with pytest.raises(FerError, match=f'{package} cannot .*: install ros-<distro>-{apt_name}'):
        messages_of(package)
