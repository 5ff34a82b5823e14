"""The share of the images of another camera driver that reaches the detector, by its settings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmark.figures import PLAIN, PROFILE, RELIABLE
from benchmark.nodes import SETTLING, RunningNodes
from fer_ros.ros.bringup.middleware import PROFILE_VARIABLES, middleware_environment

DRIVER = Path(__file__).resolve().parents[1] / 'test' / 'support' / 'image_driver.py'
TOPIC = '/usb_cam/image_raw'


def measure(model: str, folder: Path, seconds: float) -> dict[str, Any]:
    """Return the percentage of images, 640x480 at 30 Hz, that reaches the detector."""
    reliable = folder / 'reliable.yaml'
    reliable.write_text(
        '/**/face_detector_node:\n  ros__parameters:\n    qos_overrides:\n'
        f'      {TOPIC}: {{subscription: {{reliability: reliable}}}}\n'
    )
    ways = {PLAIN: {}, RELIABLE: {'params_file': str(reliable)}, PROFILE: {}}
    reached = {}
    for name, given in ways.items():
        nodes = RunningNodes(
            folder / 'logs-delivery', {'model': model, 'image_topic': TOPIC, **given}
        )
        with _driver(name == PROFILE), nodes:
            reached[name] = nodes.watch(seconds, min(SETTLING, seconds)).reached_percent
    return {'reached_percent': reached}


@contextmanager
def _driver(with_profile: bool) -> Iterator[None]:
    """Run a driver of another package in the domain of the nodes."""
    bare = {name: value for name, value in os.environ.items() if name not in PROFILE_VARIABLES}
    profile: Mapping[str, str] = middleware_environment(bare) if with_profile else {}
    command = [sys.executable, str(DRIVER), TOPIC]
    with subprocess.Popen(command, env={**bare, **profile}) as process:
        try:
            yield
        finally:
            process.terminate()
