"""JSON of the controls of the HTTP API."""

from __future__ import annotations

import dataclasses

from pydantic import BaseModel, ConfigDict, Field

from fer_ros.web.controls import ControlState


class SensitivitySchema(BaseModel):
    """How fast labels follow a face, and how certain they must be."""

    time_constant: float = Field(
        description='seconds in which the weight of a frame falls to 1/e; with a larger value, '
        'labels are steadier'
    )
    hold: float = Field(description='seconds for which a new label must lead')
    uncertain_threshold: float = Field(
        description='a face is uncertain while every class is below this probability'
    )


class ControlStateSchema(BaseModel):
    """The values of the controls and the possible choices."""

    camera_on: bool | None = Field(description='null if no camera_node runs')
    source: str
    sources: list[str] = Field(description='names of the allowed sources')
    model: str
    models: list[str]
    detector: str
    detectors: list[str]
    smoothing: str = Field(description='ema, majority or off; the times apply to ema')
    sensitivity: SensitivitySchema
    usual: SensitivitySchema = Field(description='the sensitivity at the start')


class ControlsSchema(BaseModel):
    """Whether clients can change the pipeline, and its values if they can."""

    enabled: bool
    reason: str = Field(description='the reason if there are no values, otherwise empty')
    state: ControlStateSchema | None


class ChangesSchema(BaseModel):
    """The values to change. Omitted values stay as they are."""

    model_config = ConfigDict(extra='forbid')

    source: str | None = Field(None, description='one of the names in sources')
    model: str | None = None
    detector: str | None = None
    time_constant: float | None = Field(None, ge=0.001, le=60)
    hold: float | None = Field(None, ge=0, le=60)
    uncertain_threshold: float | None = Field(None, ge=0, le=1)


class CameraSchema(BaseModel):
    """Whether to turn the camera on."""

    model_config = ConfigDict(extra='forbid')

    on: bool


def controls_schema(state: ControlState) -> ControlsSchema:
    """Return the values of the controls."""
    return ControlsSchema(
        enabled=True,
        reason='',
        state=ControlStateSchema.model_validate(dataclasses.asdict(state)),
    )
