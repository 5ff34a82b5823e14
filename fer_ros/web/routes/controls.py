"""The values of the pipeline that clients can read and change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import APIRouter, HTTPException

from fer_ros.web.control_schema import CameraSchema, ChangesSchema, ControlsSchema, controls_schema
from fer_ros.web.controls import Changes, ControlError, Controls
from fer_ros.web.routes.dependencies import ServicesDependency
from fer_ros.web.schema import ProblemSchema
from fer_ros.web.services import Services

router = APIRouter(tags=['controls'])

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    403: {'model': ProblemSchema, 'description': 'the operator does not allow changes'},
    409: {
        'model': ProblemSchema,
        'description': 'the change was refused; the answer contains the reason',
    },
}

NO_CONTROLS = 'the operator does not allow changes from the page (controls is false)'


@router.get('/controls', response_model=ControlsSchema, summary='Controls')
def controls(services: ServicesDependency) -> ControlsSchema:
    """Return the values that you can change, and the possible choices."""
    if services.controls is None:
        return ControlsSchema(enabled=False, reason=NO_CONTROLS, state=None)
    try:
        return controls_schema(services.controls.state())
    except ControlError as error:
        return ControlsSchema(enabled=True, reason=str(error), state=None)


@router.post(
    '/controls',
    response_model=ControlsSchema,
    responses=_PROBLEMS,
    summary='Change the pipeline',
)
def change(changes: ChangesSchema, services: ServicesDependency) -> ControlsSchema:
    """Change source, model, detector or sensitivity, and return the new values.

    With ROS, these are parameters of the nodes. A refused change has no effect.
    """
    with _control_errors():
        _allowed(services).change(Changes(**changes.model_dump()))
    if changes.model or changes.detector or changes.uncertain_threshold is not None:
        services.pictures.reload()
    return controls(services)


@router.post(
    '/camera',
    response_model=ControlsSchema,
    responses=_PROBLEMS,
    summary='Turn the camera on or off',
)
def camera(wanted: CameraSchema, services: ServicesDependency) -> ControlsSchema:
    """Turn the camera on or off. When it is off, the device is released."""
    with _control_errors():
        _allowed(services).turn_camera(wanted.on)
    return controls(services)


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
