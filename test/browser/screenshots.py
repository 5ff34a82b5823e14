"""Make the pictures in docs/images that show fer_ros: `make screenshots`.

The names of pictures as arguments make only these. `make bench` draws the plots of the benchmark.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
from support.browser import Browser, browser, missing
from support.drawn_pictures import DRAWN
from support.web_process import WebProcess

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / 'docs' / 'images'

#: Five faces on a current picture, and next to it.
_FACES = '.grid:has(.picture:not(.late) .box:nth-child(5)) .face:nth-child(5)'

#: Apparent expressions among them.
EXPRESSIONS = 3

#: Scripts with a selector: the texts of all elements, and the opacity of the first one.
_TEXTS = 'return Array.from(document.querySelectorAll(arguments[0]), e => e.innerText)'
_OPACITY = 'return getComputedStyle(document.querySelector(arguments[0])).opacity'

#: File to path, width, height, pixels for each CSS pixel, and what must be there.
PAGES = {
    'dashboard.jpg': ('/?theme=light', 1360, 1000, 1, _FACES),
    'dashboard_phone.jpg': ('/?theme=light', 390, 844, 2, _FACES),
    'dashboard_headset.jpg': ('/headset?theme=dark', 1000, 560, 1, '.word.here'),
}

#: Seconds a page may take until that is so.
PATIENCE = 300.0


def take(page: Browser, url: str, file: Path) -> None:
    """Take one picture when its page shows the intended state."""
    path, width, height, scale, awaited = PAGES[file.name]
    page.resize(width, height, scale=scale, mobile=scale > 1)
    page.open(url + path)
    if awaited == _FACES:
        page.wait_for(lambda: page.count('.events li') > 6, 'events', PATIENCE)
    page.wait_for(lambda: page.count(awaited), awaited, PATIENCE)
    png = file.with_suffix('.png')
    if awaited == _FACES:
        page.wait_for(lambda: is_pictured_settled(page, png), 'expressions', PATIENCE)
    else:
        page.wait_for(lambda: page.script(_OPACITY, awaited) == '1', 'the whole word', PATIENCE)
        page.picture(png)
    cv2.imwrite(str(file), cv2.imread(str(png)), [cv2.IMWRITE_JPEG_QUALITY, 88])
    png.unlink()


def is_pictured_settled(page: Browser, png: Path) -> bool:
    """Take a picture if all labels next to the image are those on it, also afterwards."""
    before = settled_labels(page)
    if not before:
        return False
    page.picture(png)
    return settled_labels(page) == before


def settled_labels(page: Browser) -> list[str]:
    """Return the labels of all people in view, or none if those on the image are others."""
    if not page.count(_FACES):
        return []
    beside = sorted(page.script(_TEXTS, '.face header strong'))
    on_image = sorted(page.script(_TEXTS, '.tag bdi'))
    return beside if beside == on_image and len(set(beside)) >= EXPRESSIONS else []


def take_all(names: Sequence[str]) -> None:
    """Take pictures of pages."""
    web = WebProcess('--source', 'demo', '--fps', '25')
    try:
        with browser() as page:
            for name in names:
                take(page, web.url, IMAGES / name)
    finally:
        web.stop()


def main(names: Sequence[str]) -> int:
    """Make pictures, without names all; return the exit code."""
    wanted = names or (*DRAWN, *PAGES)
    if unknown := set(wanted) - {*DRAWN, *PAGES}:
        print(f'no command makes {", ".join(sorted(unknown))}', file=sys.stderr)
        return 1
    pages = [name for name in wanted if name in PAGES]
    if pages and (lack := missing()):
        print(lack, file=sys.stderr)
        return 1
    for name in wanted:
        if name in DRAWN:
            DRAWN[name](IMAGES / name)
    if pages:
        take_all(pages)
    print(f'wrote {", ".join(wanted)} into {IMAGES.relative_to(ROOT)}')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
