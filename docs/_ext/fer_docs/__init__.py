"""What docs/ takes from the code: tables, lists and diagrams, written at every build.

A page says `<!-- generated: NAME -->` where the text of GENERATORS[NAME] belongs. Behind a link to
a file of the repository, `<!-- text -->` puts that file in place of the link, `<!-- program -->`
its first program. Nothing of it is kept in docs/, so it cannot grow old.
"""

from __future__ import annotations

from typing import Any

from fer_docs.accessible import make_accessible
from fer_docs.generated import fill_in


def setup(app: Any) -> dict[str, object]:
    """Register with Sphinx."""
    app.connect('source-read', _fill_in)
    # After the theme, which puts the navigation together.
    app.connect('html-page-context', make_accessible, priority=900)
    return {'version': '1', 'parallel_read_safe': True, 'parallel_write_safe': True}


def _fill_in(app: Any, document: str, content: list[str]) -> None:
    content[0] = fill_in(content[0])
