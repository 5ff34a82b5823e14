"""Parts of the pages that are generated from the code at every build: tables, lists and diagrams.

`<!-- generated: NAME -->` in a page is replaced by the text of GENERATORS[NAME]. After a link to a
file of the repository, `<!-- text -->` replaces the link by that file, and `<!-- program -->` by
its first program. docs/ contains no copies, so they cannot become outdated.
"""

from __future__ import annotations

from typing import Any

from fer_docs.accessible import make_accessible
from fer_docs.generated import fill_in


def setup(app: Any) -> dict[str, object]:
    """Register with Sphinx."""
    app.connect('source-read', _fill_in)
    # After the theme, which creates the navigation.
    app.connect('html-page-context', make_accessible, priority=900)
    return {'version': '1', 'parallel_read_safe': True, 'parallel_write_safe': True}


def _fill_in(app: Any, document: str, content: list[str]) -> None:
    content[0] = fill_in(content[0])
