"""Refusal of unknown and repeated query arguments, so that a typing error is reported."""

from __future__ import annotations

from fastapi import HTTPException
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.exceptions import WebSocketException
from starlette.requests import HTTPConnection


# async, because FastAPI calls other functions on a thread.
async def refuse_unknown_arguments(connection: HTTPConnection) -> None:
    """Raise an exception that answers 400 if the route does not accept the query arguments."""
    route = connection.scope.get('route')
    known = (
        [field.alias for field in route.dependant.query_params]
        if isinstance(route, (APIRoute, APIWebSocketRoute))
        else []
    )
    text = refusal_of(connection, known)
    if not text:
        return
    if connection.scope['type'] == 'websocket':
        raise WebSocketException(1008, text)
    raise HTTPException(400, text)


def refusal_of(connection: HTTPConnection, known: list[str]) -> str:
    """Return an error for query arguments that are unknown or repeated, or '' if there is none."""
    path = connection.scope['path']
    given = [name for name, _ in connection.query_params.multi_items()]
    unknown = sorted(set(given) - set(known))
    if unknown:
        takes = f'its arguments are {", ".join(known)}' if known else 'it has no arguments'
        return f'{path} has no argument {", ".join(unknown)}: {takes}'
    repeated = sorted({name for name in given if given.count(name) > 1})
    return f'{path}: {", ".join(repeated)} is given twice: give it once' if repeated else ''
