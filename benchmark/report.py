"""The measurements as a page of tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any

from benchmark import report_texts
from benchmark.comparison import targets
from benchmark.figures import figures, median_of
from benchmark.markdown import table


def page(details: Mapping[str, Any], images: str) -> str:
    """Return the page in Markdown.

    Args:
        details: Measurements by part, with the machine and the reasons for missing parts.
        images: Folder of the plots as seen from the page.
    """
    parts = [report_texts.HEAD.format(model=details['model'])]
    parts.append(table(('', ''), details['machine'].items()))
    parts.append('## Targets\n\n' + targets(figures(details)))
    writers = {
        'rivals': _rivals,
        'nodes': _nodes,
        'delivery': _delivery,
        'annotate': _annotate,
        'soak': _soak,
        'stages': _stages,
        'instructions': _instructions,
        'crowd': _crowd,
        'changes': _changes,
        'footprint': _footprint,
    }
    for part, write in writers.items():
        if part in details:
            parts.append(write(details[part]))
            if part in report_texts.PLOTS:
                parts.append(f'![{report_texts.PLOTS[part]}]({images}/benchmark_{part}.png)')
    parts.append(report_texts.TRIED)
    if missing := details.get('not_measured'):
        parts.append(
            '## Not measured\n\n' + '\n'.join(f'- {part}: {why}' for part, why in missing.items())
        )
    return '\n\n'.join(parts) + '\n'


def _rivals(rivals: Mapping[str, Any]) -> str:
    views = rivals['times']
    names = list(dict.fromkeys(name for times in views.values() for name in times))
    lines = ['## Compared with other packages', report_texts.RIVALS]
    lines.append(
        table(
            ('milliseconds from frame to labelled faces, median (p10 to p90)', *views),
            ((name, *(_spread(times.get(name)) for times in views.values())) for name in names),
        )
    )
    if rivals.get('recall'):
        lines.append(_recall(rivals['recall'], names))
    lines += _could_not_run(rivals['missing'])
    return '\n\n'.join(lines)


def _recall(recall: Mapping[str, Any], names: list[str]) -> str:
    """Return the found faces of each package in each group of pictures, and in all of them."""
    groups: dict[str, dict[str, Counter[str]]] = {}
    for sequence, counts in recall.items():
        for group in (sequence.split('/')[0], 'all'):
            totals = groups.setdefault(group, {name: Counter() for name in names})
            for name, count in counts.items():
                totals[name].update(count)
    groups['all'] = groups.pop('all')  # The last column.
    return table(
        ('labelled faces found (+ false ones)', *groups),
        ((name, *(_found(totals[name]) for totals in groups.values())) for name in names),
    )


def _found(count: Counter[str]) -> str:
    return f'{count["found"]} of {count["labelled"]} (+{count["false"]})'


def _nodes(nodes: Mapping[str, Any]) -> str:
    runs = table(
        (
            '',
            'p50 ms, median of runs (lowest to highest)',
            'p95',
            'p99',
            'detection',
            'classification',
            'p50 without these two',
            'processor, % of a core',
            'memory MB',
            'start to first result, s',
            'images that reach the detector, %',
        ),
        (_runs(name, runs) for name, runs in nodes['runs'].items()),
    )
    rates = ', '.join(f'{rate:.0f} from {name}' for name, rate in nodes['flat_out_hz'].items())
    answers = ', '.join(
        f'{name} {row["p50"]:.1f} ms (median; maximum {row["longest"]:.1f} ms)'
        for name, row in nodes['answers_ms'].items()
    )
    inactive = ', '.join(
        f'{name} {percent:.1f} %' for name, percent in nodes['inactive_percent'].items()
    )
    return (
        f'## The nodes at 30 Hz\n\n{report_texts.NODES}\n\n{runs}\n\n'
        f'Results per second when frames arrive at 600 Hz: {rates}.\n\n'
        f'Answer time of services during this run: {answers}. '
        f'Processor time of the deactivated nodes, percent of a core: {inactive}.'
    )


def _runs(name: str, runs: list[dict[str, Any]]) -> Iterator[object]:
    """Yield the cells of a row."""
    p50s = [run['latency_ms']['p50'] for run in runs]
    yield name
    yield f'{median_of(runs, "latency_ms", "p50"):.2f} ({min(p50s):.2f} to {max(p50s):.2f})'
    yield median_of(runs, 'latency_ms', 'p95')
    yield median_of(runs, 'latency_ms', 'p99')
    yield median_of(runs, 'detection_ms')
    yield median_of(runs, 'classification_ms')
    yield median_of(runs, 'overhead_ms')
    yield median_of(runs, 'cpu_percent')
    yield max(run['rss_mb'][1] for run in runs)
    yield median_of(runs, 'startup_s')
    yield median_of(runs, 'reached_percent')


def _delivery(delivery: Mapping[str, Any]) -> str:
    rows = table(
        ('driver of another package, 640x480 at 30 Hz', 'images that reach the detector, %'),
        delivery['reached_percent'].items(),
    )
    return f'## Images of other drivers\n\n{report_texts.DELIVERY}\n\n{rows}'


def _annotate(annotate: Mapping[str, Any]) -> str:
    rows = table(
        (
            'search',
            'frames per second, median of runs (lowest to highest)',
            'processor ms per frame',
        ),
        (
            (search, _rates([run['rate'] for run in runs]), median_of(runs, 'processor_ms'))
            for search, runs in annotate['runs'].items()
        ),
    )
    text = report_texts.ANNOTATE.format(seconds=annotate['seconds'])
    return f'## Annotated videos\n\n{text}\n\n{rows}'


def _rates(rates: list[float]) -> str:
    return f'{median(rates):.0f} ({min(rates):.0f} to {max(rates):.0f})'


def _soak(soak: Mapping[str, Any]) -> str:
    first, second, last = soak['thirds_ms']
    before, after = soak['rss_mb']
    return (
        f'## {soak["minutes"]:g} minutes at 30 Hz\n\nOne process. Median latency: {first:.2f}, '
        f'{second:.2f} and {last:.2f} ms in the three thirds of the run. Memory: '
        f'{before:.1f} MB at the beginning, {after:.1f} MB at the end.'
    )


def _instructions(counts: Mapping[str, Any]) -> str:
    rows = [(work, count) for work, count in counts.items() if isinstance(count, float)]
    counted = table(('one thread, 640x480, one moving face', 'million instructions'), rows)
    return f'## Instructions\n\n{report_texts.INSTRUCTIONS}\n\n{counted}'


def _stages(stages: Mapping[str, Any]) -> str:
    detection = table(
        ('detector', 'search', 'size', 'threads', 'ms'),
        (
            (
                row['detector'],
                row['search'],
                f'{row["width"]}x{row["height"]}',
                row['threads'],
                _spread(row),
            )
            for row in stages['detection']
            if 'p50' in row
        ),
    )
    classification = table(
        ('runtime', 'threads', 'faces', 'ms'),
        (
            (row['runtime'], row['threads'], row['faces'], _spread(row))
            for row in stages['classification']
            if 'p50' in row
        ),
    )
    other = table(('step', 'ms'), ((row['step'], _spread(row)) for row in stages['other']))
    missing = {
        row.get('detector') or row['runtime']: row['not_measured']
        for row in (*stages['detection'], *stages['classification'])
        if 'not_measured' in row
    }
    head = '## Each stage alone\n\nMedian (p10 to p90), one face.'
    return '\n\n'.join((head, detection, classification, other, *_could_not_run(missing)))


def _crowd(crowd: Mapping[str, Any]) -> str:
    rows = table(
        ('faces', 'found', 'ms per frame', 'p10', 'p90', 'detection', 'classification'),
        (
            (
                row['faces'],
                row['found'],
                row['total_ms'],
                row['p10'],
                row['p90'],
                row['detection_ms'],
                row['classification_ms'],
            )
            for row in crowd['rows']
        ),
    )
    return (
        f'## Number of faces\n\n{rows}\n\nEach further face: '
        f'{crowd["ms_per_extra_face"]:.2f} ms (slope of the line through the medians).'
    )


def _changes(changes: Mapping[str, Any]) -> str:
    lines = ['## Events', report_texts.CHANGES]
    rows = [
        (
            'events per minute for a still face with noise',
            changes['false_events_per_minute'],
            f'{changes["steady_seconds"]:g} s',
        )
    ]
    if delay := changes.get('delay_ms'):
        over = f'{delay["count"]} changes in {changes["minutes"]:.1f} minutes'
        rows += [
            (f'milliseconds from change to event, {name}', delay[name], over)
            for name in ('p50', 'p90', 'p95')
        ]
        rows.append(('false changes per minute', changes['false_changes_per_minute'], over))
    lines.append(table(('', '', 'measured over'), rows))
    return '\n\n'.join(lines)


def _footprint(footprint: Mapping[str, Any]) -> str:
    imports = table(('import', 's'), footprint['import_s'].items())
    largest = sorted(footprint['install_mb'].items(), key=lambda item: -item[1])
    rest = sum(size for _, size in largest[8:])
    sizes = table(
        ('package, without ROS and training', 'MB'),
        [*largest[:8], ('other packages', rest), ('total', footprint['runtime_install_mb'])],
    )
    return f'## Import time and size\n\n{imports}\n\n{sizes}'


def _could_not_run(missing: Mapping[str, str]) -> list[str]:
    return [f'- {name} could not be run: {why}' for name, why in missing.items()]


def _spread(row: Mapping[str, float] | None) -> str:
    return '' if row is None else f'{row["p50"]:.2f} ({row["p10"]:.2f} to {row["p90"]:.2f})'
