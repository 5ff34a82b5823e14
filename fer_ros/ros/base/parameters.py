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


def _meant(parameter: Parameter, value: ParameterValue) -> ParameterValue:
    return OFF if value is False and OFF in parameter.choices else value


def _take_integers_as_doubles(node: Node, parameters: Sequence[Parameter]) -> None:
    """Accept 3 instead of 3.0 in files and command lines, because rclpy would refuse the node."""
    given = node._parameter_overrides
    for parameter in parameters:
        value = given[parameter.name].value if parameter.name in given else None
        if isinstance(parameter.default, float) and type(value) is int:
            given[parameter.name] = RosParameter(parameter.name, value=float(value))


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
        _take_integers_as_doubles(node, parameters)
        for parameter in parameters:
            node.declare_parameter(parameter.name, parameter.default, descriptor(parameter))
        self._check_start_values()
        node.add_on_set_parameters_callback(self._on_set)
        # Humble has no callback after the values are set, so _on_set applies them.
        self._has_post_set = hasattr(node, 'add_post_set_parameters_callback')
        if self._has_post_set:
            node.add_post_set_parameters_callback(self._on_was_set)

    def __getitem__(self, name: str) -> Any:
        if name in self._pending:
            return self._pending[name]
        return _meant(self._parameters[name], self._node.get_parameter(name).value)

    def values(self) -> dict[str, Any]:
        """Return all values by name."""
        return {name: self[name] for name in self._parameters}

    def _check_start_values(self) -> None:
        """Check values of the command line or of a file like changes at run time."""
        values = self.values()
        for name, value in values.items():
            reason = self._refusal(name, value)
            if reason:
                raise ValueError(reason)
        self._check(values)

    def _refusal(self, name: str, value: ParameterValue) -> str:
        parameter = self._parameters[name]
        if parameter.choices and value not in parameter.choices:
            return f'{name} is {value!r}: it must be one of {", ".join(parameter.choices)}'
        if isinstance(value, float) and not math.isfinite(value):
            return f'{name} is {value}: it must be a finite number'
        return ''

    def _on_set(self, changes: list[RosParameter]) -> SetParametersResult:
        mine = {
            change.name: _meant(self._parameters[change.name], change.value)
            for change in changes
            if change.name in self._parameters
        }
        for name, value in mine.items():
            reason = self._refusal(name, value)
            if (
                not reason
                and self._parameters[name].applies is Applies.CONFIGURE
                and (value != self[name] and self._is_configured())
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
