"""The figures of a run, compared with the targets and with the published run."""

from __future__ import annotations

from collections.abc import Mapping

from benchmark.figures import MOST_DRIFT, MOST_GROWTH
from benchmark.table import table


def targets(values: Mapping[str, float | None]) -> list[tuple[str, str, str, str]]:
    """Return the table of targets, results, and whether they are met."""

    def row(
        text: str,
        bound: float | None,
        name: str,
        unit: str,
        at_least: bool = False,
    ) -> tuple[str, str, str, str]:
        value = values[name]
        if value is None or bound is None:
            return text, '', 'not measured', ''
        met = value >= bound if at_least else value <= bound
        return (
            text,
            f'{"at least" if at_least else "at most"} {bound:.4g}{unit}',
            f'{value:.4g}{unit}',
            'yes' if met else 'no',
        )

    p50 = values['three_process_p50_ms']
    return [
        row('times faster than fer, 640x480, one face', 10, 'speedup_vs_fer', '', True),
        row('labelled faces found, compared with fer', 0, 'faces_found_beyond_fer', '', True),
        row('false faces, compared with fer', 0, 'false_faces_beyond_fer', ''),
        row(
            'three processes: overhead in addition to detection and classification, p50',
            5,
            'three_process_overhead_ms',
            ' ms',
        ),
        row(
            'three processes: latency, p99',
            None if p50 is None else 2 * p50,
            'three_process_p99_ms',
            ' ms',
        ),
        row(
            'one process: overhead in addition to detection and classification, p50',
            2,
            'single_process_overhead_ms',
            ' ms',
        ),
        row(
            'processor time at 30 Hz, one face, one process',
            25,
            'cpu_percent_30hz',
            ' % of one core',
        ),
        row('each further face', 0.5, 'ms_per_extra_face', ' ms'),
        row(
            'edge to compute host, for each frame with one face',
            6144,
            'edge_bytes_per_frame',
            ' bytes',
        ),
        row('delay from change to event, median', 300, 'event_delay_ms', ' ms'),
        row('false events for a steady face', 1, 'false_events_per_minute', ' a minute'),
        row('10 minutes at 30 Hz: growth of memory', MOST_GROWTH, 'soak_grown_percent', ' %'),
        row(
            '10 minutes at 30 Hz: drift of latency, last third to first',
            MOST_DRIFT,
            'soak_drift_percent',
            ' %',
        ),
        row(
            'three processes: images that reach the detector',
            99,
            'frames_reached_percent',
            ' %',
            True,
        ),
        row(
            'the same for a driver without a profile, with one documented setting',
            95,
            'other_driver_reached_percent',
            ' %',
            True,
        ),
        row('longest answer time of a service at full load', 200, 'service_answer_ms', ' ms'),
    ]


def comparison(
    values: Mapping[str, float | None],
    spread: Mapping[str, tuple[float, float]],
    published: Mapping[str, float | None],
) -> str:
    """Return a table of the changes since the published run, with the present spread."""
    rows = []
    for name, value in values.items():
        before = published.get(name)
        if value is None or before is None:
            continue
        change = f'{100.0 * (value / before - 1.0):+.0f} %' if before else ''
        low_high = spread.get(name)
        within = f'{low_high[0]:.4g} to {low_high[1]:.4g}' if low_high else ''
        rows.append((name, f'{before:.4g}', f'{value:.4g}', change, within))
    return table(('figure', 'published', 'now', 'change', 'spread now'), rows)
