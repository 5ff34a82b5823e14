"""Refusal of unknown query arguments, so that a typing error is reported."""

from __future__ import annotations

from fastapi import HTTPException
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.exceptions import WebSocketException
from starlette.requests import HTTPConnection


# async, because FastAPI calls other functions on a thread.
async def refuse_unknown_arguments(connection: HTTPConnection) -> None:
    """Raise an exception that answers 400 if the route does not accept a query argument."""
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
    """Return an error for query arguments that are unknown, or '' if all are known."""
    unknown = sorted(set(connection.query_params) - set(known))
    if not unknown:
        return ''
    takes = f'its arguments are {", ".join(known)}' if known else 'it has no arguments'
    return f'{connection.scope["path"]} has no argument {", ".join(unknown)}: {takes}'
