"""Old data is not shown as current: the server ends, stops, hangs, or its pipeline stalls."""

from __future__ import annotations

import signal

import pytest
from support.mjpeg import NetworkCamera
from support.tcp_relay import TcpRelay

#: The current values that a page shows to a person.
READ = """
    const canvas = document.querySelector('.picture canvas');
    // Look back and events tell of then, with their times.
    const parts = document.querySelectorAll('.top, .picture-card, .now, .pipeline, .view');
    return {
        text: [...parts].map((part) => part.innerText).join('\\n'),
        boxes: [...document.querySelectorAll('.box')].filter((box) => box.checkVisibility({
            visibilityProperty: true})).length,
        isGray: canvas ? getComputedStyle(canvas).filter.includes('grayscale') : true,
        good: [...document.querySelectorAll('.dot')].filter((dot) => dot.checkVisibility({
            visibilityProperty: true}) && getComputedStyle(dot).backgroundColor
            === 'rgb(46, 139, 87)').length,
        figures: [...document.querySelectorAll('.figure .value')].map((value) => value.innerText),
    };"""


@pytest.fixture
def camera(face):
    with NetworkCamera([face], fps=5) as camera:
        yield camera


@pytest.fixture
def site(web, camera):
    return web('--source', camera.url, '--detector', 'haar')


def begins_to_show(page, url: str) -> None:
    """Wait until a page shows a current face."""
    if url.endswith('/headset'):
        page.wait_for(lambda: page.text('.word.here'), 'word')
    else:
        page.wait_for(lambda: page.count('.face') and page.count('.box'), 'face')
        page.wait_for(lambda: page.script(READ)['good'], 'green dot')
        page.wait_for(lambda: page.script(READ)['figures'][0] not in ('', '-', '0.0'), 'rate')
    page.wait_for(lambda: not page.count('body.lost'), 'connection')


def shows_nothing_of_now(page, url: str) -> bool:
    """Return whether a page shows no word, face, figure or green dot."""
    seen = page.script(READ)
    words = {'happy', 'neutral', 'sad', 'angry', 'fear', 'surprise', 'disgust', 'uncertain'}
    return (
        not (words & set(seen['text'].split()) or seen['boxes'] or seen['good'])
        and seen['isGray']
        and not any(figure.strip('- ') for figure in seen['figures'])
    )


@pytest.fixture(params=['/?theme=light', '/headset'])
def path(request):
    return request.param


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGSTOP])
def test_without_its_server_the_page_says_so_and_shows_no_old_data(chromium, site, path, number):
    chromium.resize(1280, 900)
    chromium.open(site.url + path)
    begins_to_show(chromium, path)
    site.signal(number)
    chromium.wait_for(lambda: chromium.count('body.lost'), 'loss')
    assert shows_nothing_of_now(chromium, path)
    assert 'no connection' in chromium.text('.lost-told')
    assert 'no answer from the server for' in chromium.text('.lost-told')
    if path == '/headset':
        size = chromium.script(
            'return parseFloat(getComputedStyle('
            'document.querySelector(".lost-told span")).fontSize)'
        )
        assert size > 0.05 * 1280, 'in big words'
    if number == signal.SIGSTOP:
        site.signal(signal.SIGCONT)
        begins_to_show(chromium, path)
        assert not chromium.count('.lost-told')


def test_a_hanging_connection_counts_as_lost(chromium, site, path):
    chromium.resize(1280, 900)
    with TcpRelay(site.url) as relay:
        chromium.open(relay.url + path)
        begins_to_show(chromium, path)
        relay.hang()
        chromium.wait_for(lambda: chromium.count('body.lost'), 'loss')
        assert shows_nothing_of_now(chromium, path)
        relay.go_on()
        begins_to_show(chromium, path)
        chromium.open('about:blank')


def test_a_stalled_pipeline_is_shown_while_the_server_runs(chromium, site, camera, path):
    chromium.resize(1280, 900)
    chromium.open(site.url + path)
    begins_to_show(chromium, path)
    camera.hang()
    place = '.told.loud' if path == '/headset' else '.state.stopped'
    chromium.wait_for(lambda: 'the pipeline has stopped' in chromium.text(place), 'reason')
    chromium.wait_for(lambda: shows_nothing_of_now(chromium, path), 'nothing as of now')
    assert not chromium.count('body.lost')
