"""The state of the server and of the pipeline, for monitoring."""

from __future__ import annotations

from fastapi import APIRouter, Response

from fer_ros.web.metrics import CONTENT_TYPE, metrics
from fer_ros.web.routes.dependencies import ServicesDependency
from fer_ros.web.schema import HealthSchema

router = APIRouter(tags=['health'])


@router.get('/healthz', response_model=HealthSchema, summary='Health')
async def health(services: ServicesDependency) -> HealthSchema:
    """Return the state of the server, and whether results arrive."""
    situation = services.pipeline_state.situation()
    return HealthSchema(
        status='ok' if situation.is_running else 'waiting',
        state=situation.phase.value,
        text=situation.text,
        detail=situation.detail,
    )


@router.get(
    '/metrics',
    response_class=Response,
    summary='Metrics for Prometheus',
    responses={200: {'content': {'text/plain': {'schema': {'type': 'string'}}}}},
)
async def prometheus(services: ServicesDependency) -> Response:
    """Return the metrics in the text format of Prometheus."""
    return Response(metrics(services.pipeline_state, services.stream), media_type=CONTENT_TYPE)
