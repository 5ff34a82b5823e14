"""The HTTP API, read from the source of its routes, so no web library is needed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from fer_ros.ros.contract.markdown import code, table
from fer_ros.web import settings

WEB = Path(__file__).resolve().parents[3] / 'fer_ros' / 'web'

_METHODS = {'get': 'GET', 'post': 'POST'}


def routes() -> str:
    """Return each route of the API with its description."""
    return table(('', 'path', 'what it does'), _routes(WEB / 'api.py'))


def _routes(file: Path) -> Iterator[tuple[str, str, str]]:
    for node in ast.walk(ast.parse(file.read_text(encoding='utf-8'))):
        if not isinstance(node, ast.AsyncFunctionDef):
            continue
        for call in node.decorator_list:
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and (call.func.attr in _METHODS)
            ):
                path = _path_of(call.args[0])
                said = (ast.get_docstring(node) or '').split()
                yield _METHODS[call.func.attr], code(path), ' '.join(said)


def _path_of(node: ast.expr) -> str:
    """Return the path of a route, which is a text or a name in settings.py."""
    path = getattr(settings, node.id) if isinstance(node, ast.Name) else ast.literal_eval(node)
    return str(path)
