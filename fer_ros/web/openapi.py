"""The description of the HTTP API: python -m fer_ros.web.openapi writes docs/openapi.json.

A test compares that file with the answer of a server to /openapi.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from fer_ros.web.application import create_application
from fer_ros.web.files.uploads import PictureService
from fer_ros.web.files.videos import VideoService
from fer_ros.web.model_cards import ModelCards
from fer_ros.web.services import Services
from fer_ros.web.serving.guard import Guard
from fer_ros.web.serving.settings import WebSettings
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.stream import PictureStream

FILE = Path(__file__).resolve().parents[2] / 'docs' / 'openapi.json'


def description() -> dict[str, Any]:
    """Return the description that a server serves at /openapi.json."""

    def nothing() -> NoReturn:
        raise RuntimeError('only described')

    pipeline_state = PipelineState()
    stream = PictureStream(pipeline_state.people)
    services = Services(
        pipeline_state, stream, PictureService(nothing), VideoService(nothing), ModelCards()
    )
    try:
        application = create_application(services, WebSettings())
    finally:
        services.close()
    assert isinstance(application, Guard)
    found: dict[str, Any] = application.app.openapi()  # type: ignore[attr-defined]
    return found


if __name__ == '__main__':
    FILE.write_text(json.dumps(description(), indent=1) + '\n', encoding='utf-8')
    print(f'wrote {FILE}')
