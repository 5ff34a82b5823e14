"""The figures of a run, compared with the targets and with the published run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmark.markdown import table


@dataclass(frozen=True, slots=True)
class Target:
    """The bound of a figure.

    Attributes:
        text: What the figure measures.
        bound: The highest allowed value.
        figure: Its name in FIGURES.
        unit: Written after each value.
        at_least: The bound is the lowest allowed value instead.
        times: The name of another figure, by which the bound is multiplied.
    """

    text: str
    bound: float
    figure: str
    unit: str = ''
    at_least: bool = False
    times: str = ''

    def row(self, values: Mapping[str, float | None]) -> tuple[str, str, str, str]:
        """Return the figure, the target, the measured value, and whether the target is met."""
        value, factor = values[self.figure], values[self.times] if self.times else 1.0
        if value is None or factor is None:
            return self.text, '', 'not measured', ''
        bound = self.bound * factor
        met = value >= bound if self.at_least else value <= bound
        return (
            self.text,
            f'{"at least" if self.at_least else "at most"} {bound:.4g}{self.unit}',
            f'{value:.4g}{self.unit}',
            'yes' if met else 'no',
        )


TARGETS = (
    Target(
        'speed as a multiple of that of fer, 640x480, one face',
        10,
        'speedup_vs_fer',
        at_least=True,
    ),
    Target('labelled faces found, compared with fer', 0, 'faces_found_beyond_fer', at_least=True),
    Target('false faces, compared with fer', 0, 'false_faces_beyond_fer'),
    Target(
        'three processes: overhead in addition to detection and classification, p50',
        4,
        'three_process_overhead_ms',
        ' ms',
    ),
    Target(
        'three processes: latency, p99',
        2,
        'three_process_p99_ms',
        ' ms',
        times='three_process_p50_ms',
    ),
    Target(
        'one process: overhead in addition to detection and classification, p50',
        1.5,
        'single_process_overhead_ms',
        ' ms',
    ),
    Target('detection of a frame in the node, 640x480', 3.5, 'three_process_detection_ms', ' ms'),
    Target(
        'processor time at 30 Hz, one face, one process', 25, 'cpu_percent_30hz', ' % of one core'
    ),
    Target('the same, three processes', 40, 'three_process_cpu_percent', ' % of one core'),
    Target('three processes: start to first result', 1.5, 'three_process_startup_s', ' s'),
    Target(
        'annotate with search fast, two cores, 640x480, one face',
        150,
        'annotate_hz',
        ' frames a second',
        at_least=True,
    ),
    Target('each further face', 0.5, 'ms_per_extra_face', ' ms'),
    Target(
        'edge to compute host, for each frame with one face',
        6144,
        'edge_bytes_per_frame',
        ' bytes',
    ),
    Target('delay from change to event, median', 300, 'event_delay_ms', ' ms'),
    Target('false events for a steady face', 1, 'false_events_per_minute', ' a minute'),
    # Runs of a minute differ by as much as the next two bounds.
    Target('long run at 30 Hz: growth of memory', 2, 'soak_grown_percent', ' %'),
    Target(
        'long run at 30 Hz: drift of latency, last third to first',
        10,
        'soak_drift_percent',
        ' %',
    ),
    Target(
        'three processes: images that reach the detector',
        99,
        'frames_reached_percent',
        ' %',
        at_least=True,
    ),
    Target(
        'the same for a driver without a profile, with one documented setting',
        95,
        'other_driver_reached_percent',
        ' %',
        at_least=True,
    ),
    Target('longest answer time of a service at full load', 200, 'service_answer_ms', ' ms'),
)


def targets(values: Mapping[str, float | None]) -> str:
    """Return a table of the targets, the measured values, and whether they are met."""
    return table(('', 'target', 'measured', 'met'), (target.row(values) for target in TARGETS))


def changes(
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
        change = f'{100.0 * (value - before) / abs(before):+.0f} %' if before else ''
        low_high = spread.get(name)
        within = f'{low_high[0]:.4g} to {low_high[1]:.4g}' if low_high else ''
        rows.append((name, f'{before:.4g}', f'{value:.4g}', change, within))
    return table(('figure', 'published', 'now', 'change', 'spread now'), rows)
