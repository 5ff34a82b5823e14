"""Waiting for conditions in tests."""

import time
from collections.abc import Callable
from typing import TypeVar

#: Seconds within which a condition must hold. It is long, because test machines are busy. A test
#: that passes does not wait longer than necessary.
PATIENCE = 180.0

Result = TypeVar('Result')


def wait_for(condition: Callable[[], Result], what: str) -> Result:
    """Wait until the condition returns something true, and return that."""
    deadline = time.monotonic() + PATIENCE
    while not (result := condition()):
        assert time.monotonic() < deadline, f'no {what} within {PATIENCE:g} s'
        time.sleep(0.02)
    return result
