"""The parameters of a node by its contract: declared with descriptors, checked before they are
set."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter

from fer_ros.ros.contract import Applies, Parameter, ParameterValue
from fer_ros.ros.contract.qos import QOS_POLICIES
from fer_ros.ros.contract.text import type_name

_UNLIMITED_INTEGER = 2**31 - 1

#: YAML reads this word without quotes as the boolean false.
OFF = 'off'


def descriptor(parameter: Parameter) -> ParameterDescriptor:
    """Return the descriptor of a parameter: text, range or choices, whether it is read-only."""
    description = ParameterDescriptor(
        description=parameter.description,
        read_only=parameter.applies is Applies.START,
        dynamic_typing=OFF in parameter.choices,
    )
    if parameter.choices:
        description.additional_constraints = f'One of: {", ".join(parameter.choices)}.'
    elif parameter.applies is Applies.CONFIGURE:
        description.additional_constraints = 'Set it while the node is unconfigured.'
    if parameter.minimum is not None or parameter.maximum is not None:
        if isinstance(parameter.default, float):
            description.floating_point_range = [
                FloatingPointRange(
                    from_value=-math.inf
                    if parameter.minimum is None
                    else float(parameter.minimum),
                    to_value=math.inf if parameter.maximum is None else float(parameter.maximum),
                )
            ]
        else:
            description.integer_range = [
                IntegerRange(
                    from_value=(
                        -_UNLIMITED_INTEGER
                        if parameter.minimum is None
                        else int(parameter.minimum)
                    ),
                    to_value=(
                        _UNLIMITED_INTEGER if parameter.maximum is None else int(parameter.maximum)
                    ),
                    step=1,
                )
            ]
    return description


def _meant(parameter: Parameter, given: RosParameter) -> RosParameter:
    """Return a given value with the type of its parameter, where YAML gave it another one.

    3 counts as 3.0, 0 as the text '0' (a camera), off as the text 'off', and [] as [''], because
    rclpy declares no empty list of strings, and ros2 param sends one of booleans.
    """
    value, default = given.value, parameter.default
    if value is False and OFF in parameter.choices:
        return RosParameter(given.name, value=OFF)
    if type(value) is int and isinstance(default, (float, str)):
        return RosParameter(given.name, value=type(default)(value))
    if value in (None, []) and isinstance(default, list):
        return RosParameter(given.name, value=[''])
    return given


def _refusal(parameter: Parameter, given: RosParameter) -> str:
    """Return why a parameter cannot have a value. '' if it can."""
    name, value = given.name, given.value
    if parameter.choices and value not in parameter.choices:
        return f'{name} is {value!r}: it must be one of {", ".join(parameter.choices)}'
    if given.type_ != RosParameter.Type.from_parameter_value(parameter.default):
        return (
            f'{name} is {value!r}: it must be of type {type_name(parameter.default)}; 5.0 is a '
            "double, '0' a string"
        )
    if isinstance(value, float) and not math.isfinite(value):
        return f'{name} is {value}: it must be a finite number'
    if isinstance(value, (int, float)) and not parameter.allows(value):
        return f'{name} is {value}: it must be {parameter.limits}'
    return ''


def _qos_parameter(name: str) -> Parameter | None:
    """Return the parameter of a QoS override, None for another name."""
    return QOS_POLICIES.get(name.rpartition('.')[2]) if name.startswith('qos_overrides.') else None


class NodeParameters:
    """The parameters of a node by its contract.

    Args:
        check: Called with all new values. It raises ValueError to refuse them.
        apply: Called after a change of values that take effect immediately.
        is_configured: Whether parameters that are read at configure can no longer change.
    """

    def __init__(
        self,
        node: Node,
        parameters: Sequence[Parameter],
        check: Callable[[dict[str, Any]], None],
        apply: Callable[[], None],
        is_configured: Callable[[], bool],
    ) -> None:
        self._node = node
        self._parameters = {parameter.name: parameter for parameter in parameters}
        self._check = check
        self._apply = apply
        self._is_configured = is_configured
        self._pending: dict[str, ParameterValue] = {}
        self._check_given(node._parameter_overrides)
        for parameter in parameters:
            node.declare_parameter(parameter.name, parameter.default, descriptor(parameter))
        check(self.values())
        # Humble has no callback that replaces values. It accepts no integer for a double.
        if hasattr(node, 'add_pre_set_parameters_callback'):
            node.add_pre_set_parameters_callback(self._as_meant)
        node.add_on_set_parameters_callback(self._on_set)
        # Humble has no callback after the values are set, so _on_set applies them.
        self._has_post_set = hasattr(node, 'add_post_set_parameters_callback')
        if self._has_post_set:
            node.add_post_set_parameters_callback(self._on_was_set)

    def __getitem__(self, name: str) -> Any:
        if name in self._pending:
            return self._pending[name]
        return _meant(self._parameters[name], self._node.get_parameter(name)).value

    def values(self) -> dict[str, Any]:
        """Return all values by name."""
        return {name: self[name] for name in self._parameters}

    def _check_given(self, given: dict[str, RosParameter]) -> None:
        """Check values of a file or a command line before they are declared, and convert them.

        The errors of rclpy name neither the range nor the type in words of its tools.
        """
        for name in given:
            parameter = self._parameters.get(name) or _qos_parameter(name)
            if parameter is not None:
                given[name] = _meant(parameter, given[name])
                if reason := _refusal(parameter, given[name]):
                    raise ValueError(reason)

    def _as_meant(self, changes: list[RosParameter]) -> list[RosParameter]:
        known = self._parameters
        return [
            _meant(known[change.name], change) if change.name in known else change
            for change in changes
        ]

    def _on_set(self, changes: list[RosParameter]) -> SetParametersResult:
        mine: dict[str, ParameterValue] = {}
        for change in self._as_meant(changes):
            name = change.name
            if name not in self._parameters:
                continue
            mine[name] = change.value
            reason = _refusal(self._parameters[name], change)
            if (
                not reason
                and self._parameters[name].applies is Applies.CONFIGURE
                and (change.value != self[name] and self._is_configured())
            ):
                reason = (
                    f'{name} is read at configure: deactivate and clean up the node, set it, and '
                    'configure again'
                )
            if reason:
                return SetParametersResult(successful=False, reason=reason)
        try:
            self._check({**self.values(), **mine})
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        except Exception as error:
            # Raised further, it would end the process.
            reason = f'the new value cannot be checked: {type(error).__name__}: {error}'
            return SetParametersResult(successful=False, reason=reason)
        if mine and not self._has_post_set:
            self._pending = mine
            try:
                self._apply()
            finally:
                self._pending = {}
        return SetParametersResult(successful=True)

    def _on_was_set(self, changes: list[RosParameter]) -> None:
        if any(change.name in self._parameters for change in changes):
            self._apply()
