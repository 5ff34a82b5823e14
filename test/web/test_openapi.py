"""docs/openapi.json equals the API that a server describes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).resolve().parents[2] / 'docs' / 'openapi.json'


@pytest.fixture(scope='module')
def site(serve):
    return serve()


def facts(described: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the facts that a client relies on. The rest differs between versions of FastAPI."""
    for path, methods in described['paths'].items():
        for method, told in methods.items():
            for parameter in told.get('parameters', ()):
                yield path, method, 'takes', parameter['name']
            for status, answer in told['responses'].items():
                yield path, method, status, *sorted(answer.get('content', ()))
    for name, schema in described['components']['schemas'].items():
        if name.endswith('Schema'):
            for field in schema['properties']:
                yield 'schema', name, field


def test_the_file_equals_the_description_of_a_server(site):
    written = json.loads(FILE.read_text(encoding='utf-8'))
    assert set(facts(written)) == set(facts(site.get('/openapi.json').json())), (
        'write it anew with python -m fer_ros.web.openapi'
    )
