"""The figures of a run, taken from its measurements."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

#: Configurations of the nodes.
THREE, SINGLE, ECONOMY = 'three processes', 'one process', 'one process, search economy'

#: Names that are always in the flat file. The value is None if a part was not measured.
FIGURES = (
    'speedup_vs_fer',
    'detect_ms',
    'classify_ms',
    'three_process_p50_ms',
    'three_process_p99_ms',
    'three_process_overhead_ms',
    'three_process_detection_ms',
    'three_process_cpu_percent',
    'three_process_startup_s',
    'single_process_p50_ms',
    'single_process_p99_ms',
    'single_process_overhead_ms',
    'cpu_percent_30hz',
    'cpu_percent_30hz_economy',
    'ms_per_extra_face',
    'edge_bytes_per_frame',
    'event_delay_ms',
    'false_events_per_minute',
    'rss_mb',
    'startup_s',
    'import_s',
    'runtime_install_mb',
    'flat_out_hz',
    'annotate_hz',
    'annotate_processor_ms',
    'frames_reached_percent',
    'other_driver_reached_percent',
    'service_answer_ms',
    'inactive_percent',
    'faces_found_beyond_fer',
    'false_faces_beyond_fer',
    'soak_grown_percent',
    'soak_drift_percent',
    'detect_instructions_m',
    'classify_instructions_m',
    'frame_instructions_m',
)

#: Settings of the camera driver of another package and of our subscription.
PLAIN, RELIABLE, PROFILE = (
    'no profile',
    'no profile, our subscription reliable',
    'with config/fastdds.xml',
)

#: Programs and a view of the comparison with other packages.
OURS, FER, WEBCAM = 'fer_ros', 'fer (PyPI)', 'webcam clip'


def figures(details: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the figures by name."""
    found: dict[str, float | None] = dict.fromkeys(FIGURES)
    for name, row in _stages(details).items():
        found[name] = row['p50']
    if nodes := details.get('nodes'):
        found.update(_of_nodes(nodes))
    if crowd := details.get('crowd'):
        found['ms_per_extra_face'] = crowd['ms_per_extra_face']
    if edge := details.get('edge'):
        found['edge_bytes_per_frame'] = edge.get('bytes_per_frame')
    if changes := details.get('changes'):
        found['event_delay_ms'] = changes.get('delay_ms', {}).get('p50')
        found['false_events_per_minute'] = max(
            changes['false_events_per_minute'], changes.get('false_changes_per_minute', 0.0)
        )
    if footprint := details.get('footprint'):
        found['runtime_install_mb'] = footprint['runtime_install_mb']
        found['import_s'] = footprint['import_s']['fer_ros.core.pipeline']
    if rivals := details.get('rivals'):
        found['speedup_vs_fer'] = _speedup(rivals)
        found.update(_beyond_fer(rivals))
    if delivery := details.get('delivery'):
        found['other_driver_reached_percent'] = delivery['reached_percent'][RELIABLE]
    if instructions := details.get('instructions'):
        for work in ('detect', 'classify', 'frame'):
            found[f'{work}_instructions_m'] = instructions.get(work)
    if annotate := details.get('annotate'):
        runs = annotate['runs']['fast']
        found['annotate_hz'] = median_of(runs, 'rate')
        found['annotate_processor_ms'] = median_of(runs, 'processor_ms')
    if soak := details.get('soak'):
        found['soak_grown_percent'] = _rise(*soak['rss_mb'])
        found['soak_drift_percent'] = _rise(soak['thirds_ms'][0], soak['thirds_ms'][2])
    return {name: None if value is None else round(value, 3) for name, value in found.items()}


def _stages(details: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the spread of detection and classification with the first available programs."""
    stages = details.get('stages', {'detection': [], 'classification': []})
    usual = {'search': 'fast', 'width': 640, 'threads': 1}
    detection = (row for row in stages['detection'] if usual.items() <= row.items())
    classification = (row for row in stages['classification'] if 'p50' in row)
    first = {'detect_ms': next(detection, None), 'classify_ms': next(classification, None)}
    return {name: row for name, row in first.items() if row is not None}


def _of_nodes(nodes: Mapping[str, Any]) -> dict[str, float]:
    runs = nodes['runs']
    found = {
        'cpu_percent_30hz': median_of(runs[SINGLE], 'cpu_percent'),
        'cpu_percent_30hz_economy': median_of(runs[ECONOMY], 'cpu_percent'),
        'rss_mb': max(run['rss_mb'][1] for run in runs[SINGLE]),
        'startup_s': median_of(runs[SINGLE], 'startup_s'),
        'flat_out_hz': nodes['flat_out_hz'][SINGLE],
        'frames_reached_percent': median_of(runs[THREE], 'reached_percent'),
        'three_process_detection_ms': median_of(runs[THREE], 'detection_ms'),
        'three_process_cpu_percent': median_of(runs[THREE], 'cpu_percent'),
        'three_process_startup_s': median_of(runs[THREE], 'startup_s'),
        'service_answer_ms': max(row['longest'] for row in nodes['answers_ms'].values()),
        'inactive_percent': max(nodes['inactive_percent'].values()),
    }
    for prefix, name in (('three_process', THREE), ('single_process', SINGLE)):
        found[f'{prefix}_p50_ms'] = median_of(runs[name], 'latency_ms', 'p50')
        found[f'{prefix}_p99_ms'] = median_of(runs[name], 'latency_ms', 'p99')
        found[f'{prefix}_overhead_ms'] = median_of(runs[name], 'overhead_ms')
    return found


def spreads(details: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the range of the samples or runs of each figure, by name."""
    found: dict[str, tuple[float, float]] = {}
    for name, row in _stages(details).items():
        found[name] = row['p10'], row['p90']
    if nodes := details.get('nodes'):
        for prefix, name in (('three_process', THREE), ('single_process', SINGLE)):
            runs = nodes['runs'][name]
            for key in ('p50', 'p99'):
                found[f'{prefix}_{key}_ms'] = _range_of(runs, 'latency_ms', key)
            found[f'{prefix}_overhead_ms'] = _range_of(runs, 'overhead_ms')
        found['cpu_percent_30hz'] = _range_of(nodes['runs'][SINGLE], 'cpu_percent')
        for key in ('detection_ms', 'cpu_percent', 'startup_s'):
            found[f'three_process_{key}'] = _range_of(nodes['runs'][THREE], key)
    if annotate := details.get('annotate'):
        for figure, name in (('annotate_hz', 'rate'), ('annotate_processor_ms', 'processor_ms')):
            found[figure] = _range_of(annotate['runs']['fast'], name)
    return found


def _speedup(rivals: Mapping[str, Any]) -> float | None:
    """Return the speed relative to fer on the webcam clip, otherwise the lowest of all views."""
    ratios = {
        view: times[FER]['p50'] / times[OURS]['p50']
        for view, times in rivals.get('times', {}).items()
        if FER in times
    }
    return ratios.get(WEBCAM, min(ratios.values(), default=None))


def _rise(first: float, last: float) -> float:
    """Return the increase from the first to the last value, in percent."""
    return 100.0 * (last / first - 1.0)


def _beyond_fer(rivals: Mapping[str, Any]) -> dict[str, float]:
    """Return the differences to fer in found labelled faces and in false faces."""
    both = [counts for counts in rivals.get('recall', {}).values() if FER in counts]
    if not both:
        return {}
    found, false = (
        sum(counts[OURS][kind] - counts[FER][kind] for counts in both)
        for kind in ('found', 'false')
    )
    return {'faces_found_beyond_fer': found, 'false_faces_beyond_fer': false}


def median_of(runs: list[dict[str, Any]], *path: str) -> float:
    """Return the median over runs of the values below the names of `path`."""
    return median(_values(runs, path))


def _range_of(runs: list[dict[str, Any]], *path: str) -> tuple[float, float]:
    """Return the lowest and the highest of these values."""
    values = _values(runs, path)
    return min(values), max(values)


def _values(runs: list[dict[str, Any]], path: tuple[str, ...]) -> list[float]:
    values: list[float] = []
    for run in runs:
        value: Any = run
        for name in path:
            value = value[name]
        values.append(float(value))
    return values
