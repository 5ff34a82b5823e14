"""The HTTP API: a picture in, JSON or an annotated picture out; faces now; health; metrics."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from fer_ros.core.imaging.formats import READABLE_NAMES
from fer_ros.web.board import Board
from fer_ros.web.metrics import CONTENT_TYPE, metrics
from fer_ros.web.schema import (
    EventSchema,
    FacesSchema,
    HealthSchema,
    NowSchema,
    ProblemSchema,
    event_schema,
    faces_schema,
)
from fer_ros.web.settings import WebSettings
from fer_ros.web.stream import PictureStream
from fer_ros.web.uploads import PictureService, with_stamp

_BINARY = {'schema': {'type': 'string', 'format': 'binary'}}
_PICTURE_BODY = {
    'requestBody': {
        'required': True,
        'description': f'a picture ({READABLE_NAMES}), as the field `image` or as the body itself',
        'content': {
            'multipart/form-data': {
                'schema': {
                    'type': 'object',
                    'required': ['image'],
                    'properties': {'image': {'type': 'string', 'format': 'binary'}},
                }
            },
            'image/*': _BINARY,
        },
    }
}

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {'model': ProblemSchema, 'description': text}
    for status, text in {
        400: 'the form cannot be read, or has no field image',
        408: 'the body came too slowly',
        413: 'too many bytes or pixels',
        415: 'no picture of a format that can be read',
        422: 'truncated, damaged, animated, or without an installed reader',
        503: 'too many pictures are waiting, or the model cannot be used',
    }.items()
}


def create_api(
    board: Board,
    stream: PictureStream,
    pictures: PictureService,
    settings: WebSettings,
) -> APIRouter:
    """Return the routes."""
    api = APIRouter()

    @api.post(
        '/classify',
        openapi_extra=_PICTURE_BODY,
        response_model=FacesSchema,
        responses={200: {'content': {'image/png': _BINARY}}, **_PROBLEMS},
        tags=['pictures'],
        summary='Apparent expressions on a picture',
    )
    async def classify(
        request: Request,
        format: Annotated[
            Literal['json', 'png'] | None,
            Query(
                description='json, or the picture with what was found drawn onto it; without it '
                'the Accept header decides'
            ),
        ] = None,
    ) -> Any:
        """Tell the apparent expressions on a picture, without smoothing. It is not stored."""
        wants_png = format == 'png' or (
            format is None and 'image/png' in request.headers.get('accept', '')
        )
        answer = await pictures.classify(await _picture_of(request, settings), wants_png)
        if answer.annotated is not None:
            return Response(answer.annotated, media_type='image/png')
        return faces_schema(with_stamp(answer.emotions, time.time_ns()))

    @api.get('/faces', response_model=NowSchema, tags=['now'], summary='Faces in view now')
    async def faces() -> NowSchema:
        """Tell the faces in view now."""
        situation, emotions = board.situation(), board.emotions()
        return NowSchema(
            state=situation.phase.value,
            text=situation.text,
            result=None if emotions is None else faces_schema(emotions),
        )

    @api.get(
        '/events', response_model=list[EventSchema], tags=['now'], summary='Events, oldest first'
    )
    async def events(
        after: Annotated[int, Query(description='only events with a higher number')] = 0,
    ) -> list[EventSchema]:
        """Tell the latest events, up to 100. On a WebSocket: each new one as it comes."""
        return [event_schema(event) for event in board.events(after)]

    @api.get('/healthz', response_model=HealthSchema, tags=['health'], summary='Health')
    async def health() -> HealthSchema:
        """Tell that the server lives, and whether results come to it."""
        situation = board.situation()
        return HealthSchema(
            status='ok' if situation.is_running else 'waiting',
            state=situation.phase.value,
            text=situation.text,
            detail=situation.detail,
        )

    @api.get(
        '/metrics',
        response_class=Response,
        tags=['health'],
        summary='Figures for Prometheus',
        responses={200: {'content': {'text/plain': {'schema': {'type': 'string'}}}}},
    )
    async def prometheus() -> Response:
        """Tell the figures in Prometheus' text format."""
        return Response(metrics(board, stream), media_type=CONTENT_TYPE)

    return api


async def _picture_of(request: Request, settings: WebSettings) -> bytes:
    """Return the bytes of the picture, from the field image or the body itself."""
    if not request.headers.get('content-type', '').startswith('multipart/form-data'):
        return await request.body()
    parser = MultiPartParser(
        request.headers, request.stream(), max_files=1, max_fields=4, max_part_size=1024
    )
    # Never a file on disk, not even one without a name.
    parser.spool_max_size = settings.max_upload + 1
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, LookupError, ValueError) as error:
        raise HTTPException(400, f'the form cannot be read: {error}') from error
    try:
        image = form.get('image')
        if not isinstance(image, UploadFile):
            raise HTTPException(400, 'the form has no file in its field image')
        return await image.read()
    finally:
        await form.close()
