"""docs/offline.md describes every column of the tables."""

from __future__ import annotations

from pathlib import Path

from fer_ros.offline.results.records import EVENT_COLUMNS, FACE_COLUMNS

PAGE = Path(__file__).parents[3] / 'docs' / 'offline.md'


def test_the_page_describes_every_column():
    page = PAGE.read_text(encoding='utf-8')
    assert [name for name in (*FACE_COLUMNS, *EVENT_COLUMNS) if f'`{name}`' not in page] == []
