"""`python -m benchmark.head_pose`: the errors of head poses and of attention, as tables.

`--publish` writes them into docs/head_pose.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmark.head_errors import (
    DIRECTIONS,
    DISTANCES,
    WANDER,
    attention,
    cost,
    errors,
    lag,
    photographs,
)
from benchmark.markdown import table
from fer_ros.core.arguments import ArgumentParser

PAGE = Path(__file__).resolve().parents[1] / 'docs' / 'head_pose.md'
BEGIN, END = (
    '<!-- tables: begin, written by python -m benchmark.head_pose -->',
    '<!-- tables: end -->',
)


def page(trials: int, seconds: float) -> str:
    """Return all tables in Markdown."""
    delays = ', '.join(f'{lag(rate):.0f} ms at {rate} frames a second' for rate in (30, 10))
    parts = (
        'Mean absolute error in degrees, over pitches from -40 to 40 degrees, for the first frame '
        'and for a head that is still for a second. The last column shows how often the true '
        'rotation is within the 95 % interval of the covariance.',
        _error_table(trials),
        f'Largest delay behind a head that begins to turn at 90 degrees a second: {delays}.',
        f'Attention with the default cone and hold. Heads move by {WANDER:.0f} degrees (one '
        'standard deviation) around a direction that misses the robot by the given angle. The '
        'table shows the part of the time in which they count as looking, and the events per '
        'minute after the first one.',
        _attention_table(seconds),
        'Photographs with a known change: mean absolute error in degrees of yaw, pitch and roll '
        'of the mirrored picture and of the roll of the tilted one, and the spread of the '
        'distance of a reduced picture, from the size of the box and from the pose.',
        _photograph_table(),
        f'A face takes {cost():.2f} ms of processor time: pose, filter and attention.',
    )
    return '\n\n'.join(parts)


def _error_table(trials: int) -> str:
    header = 'distance', 'yaw', 'yaw, first', 'pitch, first', 'roll, first'
    rows = (
        (
            f'{row["distance"]} m',
            f'{row["yaw"]:.0f}°',
            *row['first'],
            *row['settled'],
            f'{row["within"]:.0%}',
        )
        for row in errors(trials)
    )
    return table((*header, 'yaw', 'pitch', 'roll', 'within'), rows)


def _attention_table(seconds: float) -> str:
    rows = {distance: [f'{distance} m'] for distance in DISTANCES}
    for row in attention(seconds):
        rows[row['distance']].append(f'{row["looks"]:.0%}, {row["events"]:.1f}')
    past = (f'{direction:.0f}° past' for direction in DIRECTIONS)
    return table(('distance', *past), rows.values())


def _photograph_table() -> str:
    header = 'detector', 'yaw, mirrored', 'pitch', 'roll', 'roll, tilted', 'by box', 'by pose'
    rows = (
        (
            row['detector'],
            *row['mirrored'],
            row['tilted'],
            f'{row["by_box"]:.1%}',
            f'{row["by_pose"]:.1%}',
        )
        for row in photographs()
    )
    return table(header, rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables, and write them into the page if requested."""
    parser = ArgumentParser(prog='benchmark.head_pose', description=__doc__)
    parser.add_argument(
        '--trials', type=int, default=20, help='number of people for each pose (%(default)s)'
    )
    parser.add_argument(
        '--seconds', type=float, default=240.0, help='seconds for each direction (%(default)s)'
    )
    parser.add_argument('--publish', action='store_true', help='also write docs/head_pose.md')
    options = parser.parse_args(argv)
    text = page(options.trials, options.seconds)
    print(text)
    if options.publish:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f'{before}{BEGIN}\n\n{text}\n\n{END}{after}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
