"""The HTML pages: built without a warning, complete, and independent of other servers."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

pytest.importorskip('sphinx', reason='Sphinx is not installed: make docs installs it')
pytest.importorskip('furo', reason='furo is not installed: make docs installs it')
pytest.importorskip('myst_parser', reason='MyST is not installed: make docs installs it')
pytest.importorskip('rclpy', reason='the API of robot programs needs ROS')

ROOT = Path(__file__).resolve().parents[2]

#: Attributes by which a page loads something, by element.
LOADS = {'script': 'src', 'img': 'src', 'iframe': 'src', 'source': 'src', 'link': 'href'}


@dataclass
class Page(HTMLParser):
    """The links and anchors of a page."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    pictures: list[dict[str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get('id'):
            self.ids.add(str(values['id']))
        if tag == 'a' and values.get('href'):
            self.links.append(str(values['href']))
        if tag in LOADS and values.get(LOADS[tag]):
            self.loaded.append(str(values[LOADS[tag]]))
        if tag == 'img':
            self.pictures.append(values)


@pytest.fixture(scope='module')
def site(tmp_path_factory) -> Path:
    """Return the folder of the built pages; a warning is an error."""
    folder = tmp_path_factory.mktemp('site')
    # A home of its own: nothing of the machine that builds it may come into a page.
    environment = {**os.environ, 'HOME': str(folder / 'home'), 'PYTHONWARNINGS': 'ignore'}
    result = subprocess.run(
        [
            sys.executable,
            '-m',
            'sphinx',
            '-W',
            '--keep-going',
            '-q',
            '-d',
            str(folder / 'trees'),
            str(ROOT / 'docs'),
            str(folder / 'html'),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=folder,
    )
    assert result.returncode == 0, result.stderr
    return folder / 'html'


@pytest.fixture(scope='module')
def pages(site) -> dict[Path, Page]:
    found = {}
    for file in site.rglob('*.html'):
        found[file] = Page()
        found[file].feed(file.read_text(encoding='utf-8'))
    return found


def test_every_document_has_a_page(site):
    for source in (ROOT / 'docs').glob('*.md'):
        assert (site / f'{source.stem}.html').is_file()
    assert (site / 'index.html').is_file()


def test_no_marker_is_left(site):
    for file in site.glob('*.html'):
        assert '<!-- generated' not in file.read_text(encoding='utf-8'), file.name


def test_links_between_pages_find_page_and_heading(pages):
    for file, page in pages.items():
        for link in page.links:
            address = urlsplit(link)
            if address.scheme:
                continue
            target = (file.parent / unquote(address.path)).resolve() if address.path else file
            assert target.exists(), f'{file.name}: {link}'
            if address.fragment and target in pages:
                assert unquote(address.fragment) in pages[target].ids, f'{file.name}: {link}'


def test_nothing_is_loaded_from_other_servers(site, pages):
    for file, page in pages.items():
        for address in page.loaded:
            assert not urlsplit(address).netloc, f'{file.name} loads {address}'
            assert (file.parent / urlsplit(address).path).exists(), f'{file.name}: {address}'
    for style in site.rglob('*.css'):
        text = style.read_text(encoding='utf-8')
        assert 'url(http' not in text
        assert '@import' not in text, style


def test_images_have_a_description(pages):
    for file, page in pages.items():
        for picture in page.pictures:
            assert picture.get('alt'), f'{file.name}: {picture.get("src")}'


def test_no_path_of_the_build_machine_is_shown(site):
    for file in site.rglob('*.html'):
        text = file.read_text(encoding='utf-8')
        for path in (str(ROOT), str(Path.home()), str(site.parent)):
            assert f'{path}/' not in text, f'{file.name} tells {path}'


def _show(chromium, site: Path, page: str, width: int, theme: str) -> None:
    chromium.resize(width, 900, mobile=width < 400)
    chromium.open((site / f'{page}.html').as_uri())
    chromium.script('document.body.dataset.theme = arguments[0]', theme)


@pytest.mark.parametrize('width', [1280, 390])
@pytest.mark.parametrize('page', ['index', 'commands', 'dashboard', 'training'])
def test_the_pages_are_accessible(chromium, site, page, width):
    """Axe finds no serious fault on a wide screen and on a phone."""
    from support.axe import COLOURS, faults

    _show(chromium, site, page, width, 'light')
    assert faults(chromium) == []
    _show(chromium, site, page, width, 'dark')
    assert faults(chromium, COLOURS) == []


def test_a_table_of_names_and_facts_shows_no_empty_head(chromium, site):
    _show(chromium, site, 'two_hosts', 1280, 'light')
    shown = """
        const heads = Array.from(document.querySelectorAll('thead'));
        const isEmpty = (head) => !head.textContent.trim();
        return [heads.filter(isEmpty), heads.filter((head) => !isEmpty(head))]
            .map((some) => some.map((head) => head.offsetHeight > 0));"""
    empty, others = chromium.script(shown)
    assert empty
    assert not any(empty)
    assert all(others)


@pytest.mark.parametrize(('width', 'theme'), [(1280, 'light'), (390, 'dark')])
def test_the_longest_page_is_accessible(chromium, site, width, theme):
    """Axe finds no serious fault on 13,000 elements.

    The other pages show that frame and colours of the pages are the same in the other
    combinations, each of which takes 20 s here.
    """
    from support.axe import faults

    _show(chromium, site, 'python_api', width, theme)
    assert faults(chromium) == []
