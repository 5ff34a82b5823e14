"""Photographs and clips that are not on every machine; see support/selection.py."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
from support.clips import Image, Still
from support.selection import EXTRAS

from fer_ros.core.types import Box


def labelled_photographs() -> dict[str, Still]:
    """Return five photographs with 30 labelled faces, by name."""
    folder = EXTRAS / 'media' / 'voc'
    return {
        name: Still(_read(folder / name), tuple(Box(*box) for box in boxes))
        for name, boxes in json.loads((folder / 'boxes.json').read_text()).items()
    }


def solvay_conference() -> Image:
    """Return the photograph of the Solvay conference of 1927, with 29 faces."""
    return _read(EXTRAS / 'media' / 'solvay_1927_b.jpg')


def clip(name: str, stop: int | None = None) -> Iterator[tuple[float, Image]]:
    """Yield seconds and frame of a clip, at most `stop` of them."""
    capture = cv2.VideoCapture(str(EXTRAS / 'media' / name))
    fps = capture.get(cv2.CAP_PROP_FPS)
    for index in itertools.count() if stop is None else range(stop):
        read, image = capture.read()
        if not read:
            return
        yield index / fps, image


def _read(path: Path) -> Image:
    image = cv2.imread(str(path))
    if image is None:
        raise FileNotFoundError(path)
    return image
