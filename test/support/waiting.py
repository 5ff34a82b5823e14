"""Waiting for conditions in tests."""

import time
from collections.abc import Callable
from typing import TypeVar

#: Seconds until a condition must hold: generous, since machines that test are busy. A test that
#: passes waits no longer than it takes.
PATIENCE = 180.0

Result = TypeVar('Result')


def wait_for(condition: Callable[[], Result], what: str) -> Result:
    """Wait until the condition gives something true and return it."""
    deadline = time.monotonic() + PATIENCE
    while not (result := condition()):
        assert time.monotonic() < deadline, f'no {what} within {PATIENCE:g} s'
        time.sleep(0.02)
    return result
