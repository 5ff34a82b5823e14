"""A command makes each picture of the pages, so that the pictures show the present version."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

pytest.importorskip('skimage', reason='no scikit-image, from which a photograph comes')
pytest.importorskip('tqdm', reason='no tqdm; see requirements/runtime.txt')

from browser.screenshots import PAGES
from support.drawn_pictures import DRAWN

IMAGES = Path(__file__).resolve().parents[2] / 'docs' / 'images'


def test_every_picture_is_made_by_a_command():
    made = {*PAGES, *DRAWN}
    found = {path.name for path in IMAGES.iterdir()}
    plots = {name for name in found if name.startswith('benchmark_')}
    assert found - plots == made


@pytest.mark.parametrize('name', ['heads.jpg'])
def test_a_drawn_picture_has_the_size_of_the_one_on_the_page(name, tmp_path):
    DRAWN[name](tmp_path / name)
    assert cv2.imread(str(tmp_path / name)).shape == cv2.imread(str(IMAGES / name)).shape
