"""Classes of messages and services by their names, and lists of messages."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

Message = TypeVar('Message')


def message_type(name: str) -> Any:
    """Return the class of a message type named package/Type."""
    return _interface(name, 'msg')


def service_type(name: str) -> Any:
    """Return the class of a service type named package/Type."""
    return _interface(name, 'srv')


def of_length(messages: list[Message], length: int, kind: Callable[[], Message]) -> list[Message]:
    """Return a list of messages of some length: the given ones, and new ones if necessary."""
    return messages[:length] + [kind() for _ in range(length - len(messages))]


def _interface(name: str, folder: str) -> Any:
    package, kind = name.split('/')
    return getattr(import_module(f'{package}.{folder}'), kind)
