"""Arguments of an address that nobody takes are refused: a typing error is never ignored."""

from __future__ import annotations

from fastapi import HTTPException
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.exceptions import WebSocketException
from starlette.requests import HTTPConnection


def refuse_unknown_arguments(connection: HTTPConnection) -> None:
    """Raise what answers 400 to a query argument that the route does not take."""
    route = connection.scope.get('route')
    known = (
        [field.alias for field in route.dependant.query_params]
        if isinstance(route, (APIRoute, APIWebSocketRoute))
        else []
    )
    text = unknown_arguments(connection, known)
    if not text:
        return
    if connection.scope['type'] == 'websocket':
        raise WebSocketException(1008, text)
    raise HTTPException(400, text)


def unknown_arguments(connection: HTTPConnection, known: list[str]) -> str:
    """Return what to say of query arguments beside the known ones, '' where there are none."""
    unknown = sorted(set(connection.query_params) - set(known))
    if not unknown:
        return ''
    takes = f'it takes {", ".join(known)}' if known else 'it takes none'
    return f'{connection.scope["path"]} has no argument {", ".join(unknown)}: {takes}'
