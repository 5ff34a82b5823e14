"""Pages whose text is elsewhere in the repository."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / 'docs'

#: Path of the text in the repository, and its page.
PAGES: Mapping[str, str] = {
    'CHANGELOG.rst': 'changelog.rst',
    'CONTRIBUTING.md': 'contributing.md',
    'QUALITY_DECLARATION.md': 'quality.md',
    'README.md': 'index.md',
    'SECURITY.md': 'security.md',
    'models/README.md': 'models_made.md',
    'models/comparison.md': 'models_compared.md',
    'training/README.md': 'training.md',
    'training/examples/mini_xception.md': 'training_example.md',
}

_LINK = re.compile(r'(?P<open>!?\[[^\]]*\]\()(?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)')


def text_of(name: str) -> str:
    """Return a Markdown file of the repository with links relative to docs/.

    A link to the text of a page goes to the page. Other links go to the file.
    """
    file = ROOT / name

    def seen_from_docs(match: re.Match[str]) -> str:
        target, anchor = match['target'], match['anchor'] or ''
        if ':' not in target:
            path = (file.parent / target).resolve()
            page = PAGES.get(path.relative_to(ROOT).as_posix())
            target = page or os.path.relpath(path, DOCS)
        return f'{match["open"]}{target}{anchor})'

    return _LINK.sub(seen_from_docs, file.read_text(encoding='utf-8'))


def program_of(name: str) -> str:
    """Return the first Python program of a Markdown file of the repository, as a block.

    Raises ValueError if there is none.
    """
    match = re.search(
        r'^```python\n.*?^```', (ROOT / name).read_text(encoding='utf-8'), re.MULTILINE | re.DOTALL
    )
    if match is None:
        raise ValueError(f'{name} has no Python program')
    return match[0]
