"""The first events of the demo sequence, on a machine of any speed: part of make arm64.

    python scripts/arm64_events.py

The sequence is not played in real time, unlike in the demo, so that the events do not depend on
the speed of the machine.
"""

from __future__ import annotations

import sys

import fer_ros
from fer_ros.core.sources import SourceConfig


def main() -> int:
    """Print the events of the first frame that has some. Return 1 if there is none."""
    config = SourceConfig(fps=5, realtime=False)
    for frame in fer_ros.track('demo', model='tiny', config=config):
        for event in frame.events:
            print(f'{frame.time:.1f} s  {event.face_id}  {event.type.name} {event.label}')
        if frame.events:
            return 0
    print('the demo sequence has no event', file=sys.stderr)
    return 1


if __name__ == '__main__':
    sys.exit(main())
