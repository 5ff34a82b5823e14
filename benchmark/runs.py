"""Runs of the nodes: latency, processor time and memory at 30 Hz, and the highest rate."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import cv2

from benchmark.figures import ECONOMY, SINGLE, THREE
from benchmark.nodes import SETTLING, Flow, RunningNodes
from benchmark.scenes import RATE, Scene, write_clip

#: Length of the repeated clip in seconds.
CLIP_SECONDS = 4.0

#: Rate of a still picture at which only the nodes limit the results.
FLAT_OUT_HZ = 600.0

#: Number of requests to all services at that rate.
QUESTIONS = 30


def measure(model: str, folder: Path, seconds: float, repetitions: int) -> dict[str, Any]:
    """Return the measurements of each configuration of the nodes. They take turns."""
    clip = _clip(folder)
    ways = _ways(model, folder)
    flows: dict[str, list[dict[str, Any]]] = {name: [] for name in ways}
    for number in range(repetitions):
        for name, arguments in ways.items():
            with RunningNodes(
                folder / f'logs-{number}', {'source': str(clip), **arguments}
            ) as nodes:
                flow = nodes.watch(seconds, min(SETTLING, seconds))
                flows[name].append({'startup_s': nodes.startup_s, **_as_dict(flow)})
    flat_out = {name: _flat_out(folder, ways[name], seconds) for name in (THREE, SINGLE)}
    return {
        'runs': flows,
        'flat_out_hz': {name: seen['hz'] for name, seen in flat_out.items()},
        'answers_ms': {name: seen['answers_ms'] for name, seen in flat_out.items()},
        'inactive_percent': {name: seen['inactive_percent'] for name, seen in flat_out.items()},
    }


def soak(model: str, folder: Path, minutes: float) -> dict[str, Any]:
    """Return the measurements of a long run of one process."""
    arguments = {'source': str(_clip(folder)), **_ways(model, folder)[SINGLE]}
    with RunningNodes(folder / 'logs-soak', arguments) as nodes:
        return {'minutes': minutes, **_as_dict(nodes.watch(60 * minutes))}


def _clip(folder: Path) -> Path:
    return write_clip(folder / 'walk.avi', Scene().walk(round(CLIP_SECONDS * RATE)))


def _ways(model: str, folder: Path) -> dict[str, dict[str, str]]:
    economy = folder / 'economy.yaml'
    economy.write_text(
        f'/**/face_detector_node:\n  ros__parameters:\n    search: economy\n    model: {model}\n'
        f'/**/emotion_classifier_node:\n  ros__parameters:\n    model: {model}\n'
    )
    return {
        THREE: {'model': model, 'single_process': 'false'},
        SINGLE: {'model': model, 'single_process': 'true'},
        ECONOMY: {'single_process': 'true', 'params_file': str(economy)},
    }


def _flat_out(folder: Path, arguments: dict[str, str], seconds: float) -> dict[str, Any]:
    """Return the results per second if frames arrive faster than they can be processed.

    It also returns the median and longest answer time of services, and the processor time of
    deactivated nodes.
    """
    picture = folder / 'face.png'
    cv2.imwrite(str(picture), Scene().one_face())
    parameters = folder / 'flat_out.yaml'
    parameters.write_text(f'/**/camera_node:\n  ros__parameters:\n    fps: {FLAT_OUT_HZ}\n')
    given = {**arguments, 'source': str(picture), 'params_file': str(parameters)}
    with RunningNodes(folder / 'logs-flat-out', given) as nodes:
        rate = nodes.watch(seconds, min(SETTLING, seconds)).rate
        answers = nodes.answers_ms(QUESTIONS)
        return {
            'hz': rate,
            'answers_ms': {'p50': median(answers), 'longest': max(answers)},
            'inactive_percent': nodes.inactive_percent(seconds),
        }


def _as_dict(flow: Flow) -> dict[str, Any]:
    return {**asdict(flow), 'overhead_ms': flow.overhead_ms}
