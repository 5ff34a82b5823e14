"""Adds docs/_ext, which writes the generated parts of the pages, to the path."""

from __future__ import annotations

import sys
from pathlib import Path

from support.browser import chromium

__all__ = ['chromium']

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'docs' / '_ext'))
