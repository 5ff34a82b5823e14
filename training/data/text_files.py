"""Opening of the tables and lists of data sets, in the encodings of common programs."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TextIO


def open_text(path: Path, errors: str = 'strict') -> TextIO:
    """Open UTF-8 with or without a byte order mark, or UTF-16 with one.

    Line ends are kept for csv.

    Args:
        path: Path of the file.
        errors: What happens with other encodings, as in open().

    Raises:
        OSError: The file cannot be opened. Reading raises UnicodeDecodeError if the text has
            another encoding.
    """
    with path.open('rb') as file:
        start = file.read(2)
    wide = start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return path.open(newline='', encoding='utf-16' if wide else 'utf-8-sig', errors=errors)
