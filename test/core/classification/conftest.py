"""The installed runtimes by name."""

from __future__ import annotations

import pytest
from support.tiny_model import CAN_WRITE_LITERT

from fer_ros.core.classification import RUNTIMES


@pytest.fixture(params=list(RUNTIMES))
def runtime(request: pytest.FixtureRequest) -> str:
    """Each runtime in turn. Skips runtimes that are not installed."""
    name: str = request.param
    reason = RUNTIMES[name].why_missing()
    if reason is not None:
        pytest.skip(f'{name}: {reason}')
    if name == 'litert' and not CAN_WRITE_LITERT:
        pytest.skip('litert: only ai_edge_litert brings the schema to write a test model')
    return name
