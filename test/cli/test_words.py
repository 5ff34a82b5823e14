"""What the demo prints."""

from __future__ import annotations

import pytest

from fer_ros.cli.words import total


@pytest.mark.parametrize(
    ('events', 'faces', 'frames', 'text'),
    [
        (0, 0, 1, '0 events of 0 faces in 1 frame'),
        (1, 1, 40, '1 event of 1 face in 40 frames'),
        (9, 2, 750, '9 events of 2 faces in 750 frames'),
    ],
)
def test_the_last_line_counts_in_singular_and_plural(events, faces, frames, text):
    assert total(events, faces, frames) == text
