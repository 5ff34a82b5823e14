"""Bad input: few examples in CI, and many new ones with `make fuzz`."""

from __future__ import annotations

import os
import struct

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

_wanted = os.environ.get('FER_ROS_FUZZ_EXAMPLES', '')
#: Decorates a test of bad input. It has no deadline, because test machines are busy.
fuzzed = settings(
    max_examples=int(_wanted or 25),
    derandomize=not _wanted,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@st.composite
def damaged(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A good input with bytes changed, cut, repeated or inserted; or any bytes."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(['change', 'cut', 'insert', 'repeat', 'replace'])):
            case 'change' if data:
                data[place] = draw(st.integers(0, 255))
            case 'cut':
                del data[place:]
            case 'insert':
                data[place:place] = draw(st.binary(max_size=8))
            case 'repeat':
                data[place:place] = data[place : place + 16] * draw(st.integers(1, 4))
            case 'replace':
                number = draw(st.sampled_from([0, 1, -1, 2**31 - 1, -(2**31)]))
                data[place : place + 4] = struct.pack('<i', number)
    return bytes(data)
