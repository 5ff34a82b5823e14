"""The HTTP API: classification of pictures and videos, current faces, health and metrics."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from fer_ros.core.errors import ModelError
from fer_ros.core.imaging.formats import READABLE_NAMES
from fer_ros.web.control_schema import CameraSchema, ChangesSchema, ControlsSchema, controls_schema
from fer_ros.web.controls import Changes, ControlError, Controls
from fer_ros.web.event_stream import EVENT_STREAM, server_sent_events
from fer_ros.web.metrics import CONTENT_TYPE, metrics
from fer_ros.web.people import People
from fer_ros.web.schema import (
    EventSchema,
    HealthSchema,
    HistorySchema,
    ModelSchema,
    NowSchema,
    PictureSchema,
    ProblemSchema,
    event_schema,
    events_csv,
    faces_schema,
    history_schema,
    model_schema,
)
from fer_ros.web.services import Services
from fer_ros.web.settings import VIDEOS, WebSettings
from fer_ros.web.uploads import with_stamp
from fer_ros.web.video_files import VIDEO_NAMES
from fer_ros.web.videos import VideoRequest

#: Media type of lines of JSON (https://github.com/ndjson/ndjson-spec).
LINES = 'application/x-ndjson'

_BINARY = {'schema': {'type': 'string', 'format': 'binary'}}


def _body(field: str, kind: str, description: str) -> dict[str, Any]:
    """Return the OpenAPI description of a file, as the field of a form or as the body."""
    return {
        'requestBody': {
            'required': True,
            'description': f'{description}, in the field `{field}` or as the body',
            'content': {
                'multipart/form-data': {
                    'schema': {
                        'type': 'object',
                        'required': [field],
                        'properties': {field: {'type': 'string', 'format': 'binary'}},
                    }
                },
                kind: _BINARY,
            },
        }
    }


_PICTURE_BODY = _body('image', 'image/*', f'a picture ({READABLE_NAMES})')
_VIDEO_BODY = _body('video', 'video/*', f'a video ({VIDEO_NAMES})')

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {'model': ProblemSchema, 'description': text}
    for status, text in {
        400: 'the form cannot be read, or its field contains no file',
        408: 'the body arrived too slowly',
        413: 'too many bytes or pixels',
        415: 'the format of the file is not supported',
        422: 'truncated, damaged or animated, or its reader is not installed',
        503: 'too many requests are in progress, or the model cannot be used',
    }.items()
}


_CONTROL_PROBLEMS: dict[int | str, dict[str, Any]] = {
    403: {'model': ProblemSchema, 'description': 'the operator does not allow changes'},
    409: {
        'model': ProblemSchema,
        'description': 'the change was refused; the answer contains the reason',
    },
}

NO_CONTROLS = 'the operator does not allow changes from the page (controls is false)'


def create_api(services: Services, settings: WebSettings) -> APIRouter:
    """Return the routes."""
    pipeline_state, models = services.pipeline_state, services.models
    api = APIRouter()

    @api.post(
        '/classify',
        openapi_extra=_PICTURE_BODY,
        response_model=PictureSchema,
        responses={200: {'content': {'image/png': _BINARY}}, **_PROBLEMS},
        tags=['pictures'],
        summary='Apparent expressions in a picture',
    )
    async def classify(
        request: Request,
        format: Annotated[
            Literal['json', 'png'] | None,
            Query(
                description='json, or png for the annotated picture. Without it, the '
                'Accept header decides'
            ),
        ] = None,
        annotated: Annotated[
            Literal['png', 'jpeg'] | None,
            Query(description='add the annotated picture to the JSON'),
        ] = None,
    ) -> Any:
        """Return the apparent expressions in a picture, without smoothing.

        The picture is not stored.
        """
        wants_png = format == 'png' or (
            format is None and 'image/png' in request.headers.get('accept', '')
        )
        answer = await services.pictures.classify(
            await _file_of(request, 'image', settings.max_upload),
            'png' if wants_png else annotated or '',
        )
        if wants_png:
            return Response(answer.annotated, media_type='image/png')
        faces = faces_schema(with_stamp(answer.emotions, time.time_ns()), People())
        drawn = answer.annotated
        return PictureSchema(
            **dict(faces), annotated=None if drawn is None else base64.b64encode(drawn).decode()
        )

    @api.post(
        VIDEOS,
        openapi_extra=_VIDEO_BODY,
        response_class=StreamingResponse,
        responses={
            200: {
                'description': 'Lines of JSON. The first contains `frames` (the approximate '
                'number of frames to process), `fps`, `model` and `class_names`. Then follows '
                'one line for each frame, as in frames.jsonl of `fer_ros annotate`. The last '
                'line contains `summary`, `chart` (SVG), `faces_csv`, `events_csv` and '
                '`annotated`, or `problem`.',
                'content': {LINES: {'schema': {'type': 'string'}}},
            },
            **_PROBLEMS,
        },
        tags=['pictures'],
        summary='Apparent expressions in a video, over time',
    )
    async def video(
        request: Request,
        fps: Annotated[
            float, Query(gt=0, le=30, description='highest number of frames per second to process')
        ] = 10.0,
        annotated: Annotated[
            bool,
            Query(description='add the annotated video (MP4) to the last line, in base64'),
        ] = False,
    ) -> Response:
        """Return the smoothed apparent expressions and events in a video.

        The video is not stored.
        """
        data = await _file_of(request, 'video', settings.max_video)
        return StreamingResponse(
            await services.videos.lines(VideoRequest(data, fps, annotated)), media_type=LINES
        )

    @api.get('/faces', response_model=NowSchema, tags=['now'], summary='Faces currently in view')
    async def faces() -> NowSchema:
        """Return the faces that are currently in view."""
        situation, emotions = pipeline_state.situation(), pipeline_state.emotions()
        return NowSchema(
            state=situation.phase.value,
            text=situation.text,
            result=None if emotions is None else faces_schema(emotions, pipeline_state.people),
        )

    @api.get(
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
        tags=['now'],
        summary='Events, oldest first',
    )
    async def events(
        request: Request,
        after: Annotated[int, Query(description='return only events with a higher number')] = 0,
        format: Annotated[
            Literal['json', 'csv'], Query(description='json, or csv for a table without positions')
        ] = 'json',
    ) -> Any:
        """Return the latest events, up to 1000. WebSockets and EventSources receive new events."""
        if EVENT_STREAM in request.headers.get('accept', ''):
            last = request.headers.get('last-event-id', '')
            return StreamingResponse(
                server_sent_events(pipeline_state, int(last) if last.isdecimal() else None),
                media_type=EVENT_STREAM,
                headers={'cache-control': 'no-store'},
            )
        found = pipeline_state.events(after)
        if format == 'csv':
            return Response(events_csv(found), media_type='text/csv')
        return [event_schema(event) for event in found]

    @api.get(
        '/history', response_model=HistorySchema, tags=['now'], summary='The last ten minutes'
    )
    def history(
        after: Annotated[
            float,
            Query(
                description='return only entries that end after this time, in seconds since 1970'
            ),
        ] = 0.0,
    ) -> HistorySchema:
        """Return the apparent expressions of each person over time.

        They are kept only in memory.
        """
        return history_schema(pipeline_state, after)

    @api.get(
        '/model',
        response_model=ModelSchema,
        tags=['now'],
        summary='The current model',
        responses={
            404: {
                'model': ProblemSchema,
                'description': 'no result has arrived, or the card is not available',
            }
        },
    )
    def model() -> ModelSchema:
        """Return the labels of the model, its limits and its training data."""
        used = pipeline_state.model()
        if used is None:
            raise HTTPException(
                404, 'the model is unknown, because no result has arrived yet: start the pipeline'
            )
        try:
            return model_schema(models.card(*used))
        except ModelError as error:
            raise HTTPException(404, str(error)) from error

    @api.get('/controls', response_model=ControlsSchema, tags=['controls'], summary='Controls')
    def controls() -> ControlsSchema:
        """Return the values that you can change, and the possible choices."""
        if services.controls is None:
            return ControlsSchema(enabled=False, reason=NO_CONTROLS, state=None)
        try:
            return controls_schema(services.controls.state())
        except ControlError as error:
            return ControlsSchema(enabled=True, reason=str(error), state=None)

    @api.post(
        '/controls',
        response_model=ControlsSchema,
        responses=_CONTROL_PROBLEMS,
        tags=['controls'],
        summary='Change the pipeline',
    )
    def change(changes: ChangesSchema) -> ControlsSchema:
        """Change source, model, detector or sensitivity, and return the new values.

        With ROS, these are parameters of the nodes. A refused change has no effect.
        """
        with _control_errors():
            _allowed(services).change(Changes(**changes.model_dump()))
        if changes.model or changes.detector or changes.uncertain_threshold is not None:
            services.pictures.reload()
        return controls()

    @api.post(
        '/camera',
        response_model=ControlsSchema,
        responses=_CONTROL_PROBLEMS,
        tags=['controls'],
        summary='Turn the camera on or off',
    )
    def camera(wanted: CameraSchema) -> ControlsSchema:
        """Turn the camera on or off. When it is off, the device is released."""
        with _control_errors():
            _allowed(services).turn_camera(wanted.on)
        return controls()

    @api.get('/healthz', response_model=HealthSchema, tags=['health'], summary='Health')
    async def health() -> HealthSchema:
        """Return the state of the server, and whether results arrive."""
        situation = pipeline_state.situation()
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
        summary='Metrics for Prometheus',
        responses={200: {'content': {'text/plain': {'schema': {'type': 'string'}}}}},
    )
    async def prometheus() -> Response:
        """Return the metrics in the text format of Prometheus."""
        return Response(metrics(pipeline_state, services.stream), media_type=CONTENT_TYPE)

    return api


async def _file_of(request: Request, field: str, largest: int) -> bytes:
    """Return the bytes of a file from a field of a form or from the body."""
    if not request.headers.get('content-type', '').startswith('multipart/form-data'):
        return await request.body()
    parser = MultiPartParser(
        request.headers, request.stream(), max_files=1, max_fields=4, max_part_size=1024
    )
    # Keep it in memory: no temporary file, not even an unnamed one.
    parser.spool_max_size = largest + 1
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, LookupError, ValueError) as error:
        raise HTTPException(400, f'the form cannot be read: {error}') from error
    try:
        file = form.get(field)
        if not isinstance(file, UploadFile):
            raise HTTPException(400, f'the field {field} of the form contains no file')
        return await file.read()
    finally:
        await form.close()


def _allowed(services: Services) -> Controls:
    """Return the controls. Raises HTTPException if the operator does not allow changes."""
    if services.controls is None:
        raise HTTPException(403, NO_CONTROLS)
    return services.controls


@contextmanager
def _control_errors() -> Iterator[None]:
    """Answer with the reason if a change is refused."""
    try:
        yield
    except ControlError as error:
        raise HTTPException(409, str(error)) from error
