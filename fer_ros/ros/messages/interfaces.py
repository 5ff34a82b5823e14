"""Classes of messages and services by their names."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def message_type(name: str) -> Any:
    """Return the class of a message type named package/Type."""
    return _interface(name, 'msg')


def service_type(name: str) -> Any:
    """Return the class of a service type named package/Type."""
    return _interface(name, 'srv')


def _interface(name: str, folder: str) -> Any:
    package, kind = name.split('/')
    return getattr(import_module(f'{package}.{folder}'), kind)
