"""The routes of the HTTP API, read from docs/openapi.json, so no web library is needed."""

from __future__ import annotations

import json
from pathlib import Path

from fer_ros.ros.contract.markdown import code, table

#: `python -m fer_ros.web.openapi` writes it, and a test compares it with a server.
OPENAPI = Path(__file__).resolve().parents[2] / 'openapi.json'


def routes() -> str:
    """Return each route of the API with its description."""
    described = json.loads(OPENAPI.read_text(encoding='utf-8'))
    return table(
        ('', 'path', 'what it does'),
        (
            (method.upper(), code(path), ' '.join(operation['description'].split()))
            for path, methods in described['paths'].items()
            for method, operation in methods.items()
        ),
    )
