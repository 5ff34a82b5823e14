"""Pictures and videos that clients send."""

from __future__ import annotations

import base64
import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from fer_ros.core.imaging.formats import READABLE_NAMES
from fer_ros.web.files.uploads import with_stamp
from fer_ros.web.files.video_files import VIDEO_NAMES
from fer_ros.web.files.videos import VideoRequest
from fer_ros.web.json_objects import faces_schema
from fer_ros.web.routes.dependencies import ServicesDependency
from fer_ros.web.schema import PictureSchema, ProblemSchema
from fer_ros.web.serving.settings import VIDEOS
from fer_ros.web.state.people import People

router = APIRouter(tags=['pictures'])

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


@router.post(
    '/classify',
    openapi_extra=_PICTURE_BODY,
    response_model=PictureSchema,
    responses={200: {'content': {'image/png': _BINARY}}, **_PROBLEMS},
    summary='Apparent expressions in a picture',
)
async def classify(
    request: Request,
    services: ServicesDependency,
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
    if format == 'png' and annotated:
        raise HTTPException(
            400,
            'annotated adds the picture to the JSON, but format=png replaces the JSON with it: '
            'use one of the two',
        )
    wants_png = format == 'png' or (
        format is None and 'image/png' in request.headers.get('accept', '')
    )
    answer = await services.pictures.classify(
        await _file_of(request, 'image'),
        'png' if wants_png else annotated or '',
    )
    if wants_png:
        return Response(answer.annotated, media_type='image/png')
    faces = faces_schema(with_stamp(answer.emotions, time.time_ns()), People())
    drawn = answer.annotated
    return PictureSchema(
        **dict(faces), annotated=None if drawn is None else base64.b64encode(drawn).decode()
    )


@router.post(
    VIDEOS,
    openapi_extra=_VIDEO_BODY,
    response_class=StreamingResponse,
    responses={
        200: {
            'description': 'Lines of JSON. The first contains `frames` (the approximate '
            'number of frames to process), `fps`, `model` and `class_names`. One line for each '
            'frame follows, as in frames.jsonl of `fer_ros annotate`. The last '
            'line contains `summary`, `chart` (SVG), `faces_csv`, `events_csv` and '
            '`annotated`, or `problem`.',
            'content': {LINES: {'schema': {'type': 'string'}}},
        },
        **_PROBLEMS,
    },
    summary='Apparent expressions in a video, over time',
)
async def video(
    request: Request,
    services: ServicesDependency,
    fps: Annotated[
        float, Query(ge=0.01, le=30, description='highest number of frames per second to process')
    ] = 10.0,
    annotated: Annotated[
        bool,
        Query(description='add the annotated video (MP4) to the last line, in base64'),
    ] = False,
) -> Response:
    """Return the smoothed apparent expressions and events in a video.

    The video is not stored.
    """
    data = await _file_of(request, 'video')
    return StreamingResponse(
        await services.videos.lines(VideoRequest(data, fps, annotated)), media_type=LINES
    )


async def _file_of(request: Request, field: str) -> bytes:
    """Return the bytes of a file from a field of a form or from the body."""
    if not request.headers.get('content-type', '').startswith('multipart/form-data'):
        return await request.body()
    parser = MultiPartParser(
        request.headers, request.stream(), max_files=1, max_fields=4, max_part_size=1024
    )
    # No limit, and so no temporary file. Guard limits the size of the body.
    parser.spool_max_size = 0
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
