"""Classes of messages and services by their names."""

from __future__ import annotations

from typing import Any


def message_type(name: str) -> Any:
    """Return the class of a message type named package/Type."""
    return _interface(name, 'msg')


def service_type(name: str) -> Any:
    """Return the class of a service type named package/Type."""
    return _interface(name, 'srv')


def _interface(name: str, folder: str) -> Any:
    package, kind = name.split('/')
    module = __import__(f'{package}.{folder}', fromlist=[kind])
    return getattr(module, kind)
