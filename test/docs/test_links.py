"""Links in README, docs/ and every other document lead somewhere."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.documents import anchors, documents, filled_in, links, name_of

DOCUMENTS = [pytest.param(file, id=name_of(file)) for file in documents()]


def links_of(file: Path) -> list[str]:
    return links(file.read_text(encoding='utf-8'))


@pytest.mark.parametrize('file', DOCUMENTS)
def test_an_internal_link_finds_its_file_and_heading(file: Path):
    for link in links_of(file):
        path, _, anchor = link.partition('#')
        if ':' in path:
            continue
        target = (file.parent / path).resolve() if path else file
        assert target.exists(), f'{link}: there is no {target}'
        if anchor:
            assert anchor in anchors(filled_in(target)), f'{link}: {path} has no such heading'


@pytest.mark.parametrize('file', DOCUMENTS)
def test_an_external_link_is_a_complete_https_address(file: Path):
    for link in links_of(file):
        address = urlsplit(link)
        if address.scheme and address.scheme != 'mailto':
            assert address.scheme == 'https', link
            assert '.' in (address.hostname or ''), link
            assert not address.username, link
            assert not (address.hostname or '').endswith(('.local', 'localhost')), link


@pytest.mark.parametrize('file', DOCUMENTS)
def test_headings_have_unique_anchors(file: Path):
    text = file.read_text(encoding='utf-8')
    assert len(text.strip()) > 0
    assert '](#)' not in text
