"""The present and the last minutes: faces, events, history, and the current model."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse

from fer_ros.core.errors import ModelError
from fer_ros.web.event_stream import EVENT_STREAM, server_sent_events
from fer_ros.web.json_objects import (
    event_schema,
    events_csv,
    faces_schema,
    history_schema,
    model_schema,
)
from fer_ros.web.routes.dependencies import ServicesDependency
from fer_ros.web.schema import EventSchema, HistorySchema, ModelSchema, NowSchema, ProblemSchema

#: int() refuses more digits.
MOST_DIGITS = 4300

router = APIRouter(tags=['now'])


@router.get('/faces', response_model=NowSchema, summary='Faces currently in view')
async def faces(services: ServicesDependency) -> NowSchema:
    """Return the faces that are currently in view."""
    pipeline_state = services.pipeline_state
    situation, emotions = pipeline_state.situation(), pipeline_state.emotions()
    return NowSchema(
        state=situation.phase.value,
        text=situation.text,
        result=None if emotions is None else faces_schema(emotions, pipeline_state.people),
    )


@router.get(
    '/events',
    response_model=list[EventSchema],
    responses={
        200: {
            'content': {
                'text/csv': {'schema': {'type': 'string'}},
                EVENT_STREAM: {'schema': {'type': 'string'}},
            }
        }
    },
    summary='Events, oldest first',
)
async def events(
    request: Request,
    services: ServicesDependency,
    after: Annotated[
        int,
        Query(
            description='return only events with a higher number. If no event has this number '
            'yet, because the server was restarted, all events are returned'
        ),
    ] = 0,
    format: Annotated[
        Literal['json', 'csv'], Query(description='json, or csv for a table without positions')
    ] = 'json',
) -> Any:
    """Return the latest events, up to 1000. WebSockets and EventSources receive new events."""
    if format == 'json' and EVENT_STREAM in request.headers.get('accept', ''):
        # An EventSource that reconnects sends the number, and repeats the address.
        last = request.headers.get('last-event-id', request.query_params.get('after', ''))
        is_number = last.isdecimal() and len(last) <= MOST_DIGITS
        return StreamingResponse(
            server_sent_events(services.pipeline_state, int(last) if is_number else None),
            media_type=EVENT_STREAM,
            headers={'cache-control': 'no-store'},
        )
    found = services.pipeline_state.events(after)
    if format == 'csv':
        return Response(events_csv(found), media_type='text/csv')
    return [event_schema(event) for event in found]


@router.get('/history', response_model=HistorySchema, summary='The last ten minutes')
def history(
    services: ServicesDependency,
    after: Annotated[
        float,
        Query(
            allow_inf_nan=False,
            description='return only entries that end after this time, in seconds since 1970',
        ),
    ] = 0.0,
) -> HistorySchema:
    """Return the apparent expressions of each person over time.

    They are kept only in memory.
    """
    return history_schema(services.pipeline_state, after)


@router.get(
    '/model',
    response_model=ModelSchema,
    summary='The current model',
    responses={
        404: {
            'model': ProblemSchema,
            'description': 'no result has arrived, or the card is not available',
        }
    },
)
def model(services: ServicesDependency) -> ModelSchema:
    """Return the labels of the model, its limits and its training data."""
    used = services.pipeline_state.model()
    if used is None:
        raise HTTPException(
            404, 'the model is unknown, because no result has arrived yet: start the pipeline'
        )
    try:
        return model_schema(services.models.card(*used))
    except ModelError as error:
        raise HTTPException(404, str(error)) from error
