"""Fields of configurations with default, range or choices, and meaning.

A configuration is a frozen dataclass with fields from option(). The parameters of nodes, the
options of commands and the documentation are created from these fields.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, TypeVar

Configuration = TypeVar('Configuration')

_KEY = 'option'


@dataclass(frozen=True, slots=True)
class Option:
    """The allowed values and the meaning of a field.

    Attributes:
        default: Its default; the type of the default is the type of the field.
        description: Meaning and unit, in sentences.
        minimum: Smallest allowed number, None if there is no bound.
        maximum: Largest allowed number, None if there is no bound.
        choices: Allowed texts. Empty if any text is allowed.
    """

    default: Any
    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()

    def allows(self, value: Any) -> bool:
        """Return whether a value is one of the choices, or in the range."""
        if self.choices:
            return plain(value) in self.choices
        if self.minimum is not None and not value >= self.minimum:
            return False
        return self.maximum is None or bool(value <= self.maximum)


def option(
    default: Any,
    description: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Return a field of a configuration. Option describes the arguments."""
    described = Option(default, description, minimum, maximum, choices)
    return field(default=default, metadata={_KEY: described})


def same_option(configuration: type, name: str) -> Any:
    """Return a field like that of another configuration."""
    described = option_of(configuration, name)
    return field(default=described.default, metadata={_KEY: described})


def option_of(configuration: type, name: str) -> Option:
    """Return the option of a field.

    Raises:
        KeyError: The configuration has no option of that name.
    """
    return options_of(configuration)[name]


def options_of(configuration: type) -> dict[str, Option]:
    """Return the options of a configuration by the names of their fields."""
    return {
        found.name: found.metadata[_KEY]
        for found in fields(configuration)
        if _KEY in found.metadata
    }


def check_options(configuration: object) -> None:
    """Check a configuration's values against its options.

    Raises:
        ValueError: A value is out of range or not one of the choices.
    """
    for name, described in options_of(type(configuration)).items():
        value = getattr(configuration, name)
        if not described.allows(value):
            limits = limits_text(described.minimum, described.maximum, described.choices)
            raise ValueError(f'{name} is {value!r}: it must be {limits}')


def from_values(configuration: type[Configuration], values: Mapping[str, Any]) -> Configuration:
    """Return a configuration from values by the names of its fields.

    Args:
        configuration: Its class.
        values: Further names are ignored. Fields without a value keep their default.

    Raises:
        ValueError: A value is out of range.
    """
    given = {
        name: _typed(described.default, values[name])
        for name, described in options_of(configuration).items()
        if name in values
    }
    return configuration(**given)


def plain(value: Any) -> Any:
    """Return a value of a configuration as text for a file or a command line."""
    return value.value if isinstance(value, Enum) else value


def limits_text(
    minimum: float | None, maximum: float | None, choices: tuple[str, ...] = ()
) -> str:
    """Return a range or choices in words. '' if any value is allowed."""
    if choices:
        return f'one of {", ".join(choices)}'
    if minimum is None and maximum is None:
        return ''
    if maximum is None:
        return f'at least {minimum:g}'
    if minimum is None:
        return f'at most {maximum:g}'
    return f'{minimum:g} to {maximum:g}'


def documented(configuration: type[Configuration]) -> type[Configuration]:
    """Add the options of a configuration to its docstring."""
    lines = [inspect.getdoc(configuration) or '', '', 'Attributes:']
    for name, described in options_of(configuration).items():
        limits = limits_text(described.minimum, described.maximum, described.choices)
        lines.append(f'    {name}: {described.description}{f" [{limits}]" if limits else ""}')
    configuration.__doc__ = '\n'.join(lines)
    return configuration


def _typed(default: Any, value: Any) -> Any:
    """Return a value with the type of the default."""
    return type(default)(value)
