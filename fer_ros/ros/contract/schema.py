"""The tables of the contract: topics, services and parameters of a node."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fer_ros.core.options import Option, limits_text, option_of, plain

ParameterValue = bool | int | float | str | list[str]


class Applies(Enum):
    """When a new value of a parameter takes effect."""

    ALWAYS = 'at once'
    CONFIGURE = 'at configure'
    START = 'at start'


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter. Its default determines its type.

    Attributes:
        minimum: Smallest value of a number.
        maximum: Largest value of a number.
        choices: Allowed strings.
        applies: START is read-only. CONFIGURE can be set while the node is unconfigured.
    """

    name: str
    default: ParameterValue
    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    applies: Applies = Applies.ALWAYS

    @property
    def limits(self) -> str:
        """Return the range or the choices as text. Empty if any value of the type is allowed."""
        if self.choices:
            return ', '.join(self.choices)
        return limits_text(self.minimum, self.maximum)

    def allows(self, number: float) -> bool:
        """Return whether a number is in the range."""
        return Option(number, '', self.minimum, self.maximum).allows(number)

    @classmethod
    def of(
        cls,
        configuration: type,
        field: str,
        *,
        name: str | None = None,
        default: ParameterValue | None = None,
        description: str | None = None,
        applies: Applies = Applies.ALWAYS,
    ) -> Parameter:
        """Return the parameter of a field of a core configuration.

        Args:
            configuration: A class whose fields are options.
            field: Name of the field.
            name: Name of the parameter, if it differs.
            default: Instead of the field's.
            description: Instead of the field's, if the node uses it for less.
            applies: When a new value takes effect.
        """
        found = option_of(configuration, field)
        return cls(
            name or field,
            plain(found.default if default is None else default),
            description or found.description,
            found.minimum,
            found.maximum,
            found.choices,
            applies,
        )


@dataclass(frozen=True, slots=True)
class Qos:
    """A QoS profile by its policies: reliable or best_effort, volatile or transient_local.

    Every policy is set explicitly. The system default of publishers in Fast DDS is
    transient_local, which would send the last picture to late subscribers.
    """

    reliability: str
    durability: str
    depth: int

    @property
    def text(self) -> str:
        """Return a description of the profile."""
        return f'{self.reliability}, {self.durability}, depth {self.depth}'.replace('_', ' ')


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic by its relative name, its message type as package/Type, and its QoS.

    Attributes:
        name: `~/` at the beginning means the name of the node. What is in <> is the value of a
            parameter, or the id of a face or person.
        picture: Whether it has images of people or crops of them. With privacy it does not exist.
        parameter: If not empty, the node uses the topic only if this parameter is set.
    """

    name: str
    type: str
    qos: Qos
    description: str
    picture: bool = False
    parameter: str = ''


@dataclass(frozen=True, slots=True)
class Service:
    """A service by its relative name, with `~/` for the name of the node, and its type as
    package/Type."""

    name: str
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class NodeContract:
    """The interface of a node. Each node also has NODE_SERVICES."""

    name: str
    summary: str
    publishes: tuple[Topic, ...]
    subscribes: tuple[Topic, ...]
    parameters: tuple[Parameter, ...]
    services: tuple[Service, ...] = ()

    def topic(self, name: str) -> Topic:
        """Return the topic of a relative name.

        Raises:
            KeyError: The node has no such topic.
        """
        for topic in self.publishes + self.subscribes:
            if topic.name == name:
                return topic
        raise KeyError(name)
