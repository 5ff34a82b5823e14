"""A person tries a picture and a video on a desktop and on a phone."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.axe import faults
from support.clips import write_clip
from support.people import Person, compose
from support.photographs import encode

FITS = (
    'return document.documentElement.scrollWidth <= window.innerWidth && '
    'document.body.scrollWidth <= window.innerWidth'
)

DROP = """
    const files = new DataTransfer();
    files.items.add(new File([Uint8Array.from(atob(arguments[0]), (one) => one.charCodeAt(0))],
        arguments[1], {type: 'image/jpeg'}));
    document.querySelector('.drop').dispatchEvent(
        new DragEvent('drop', {dataTransfer: files, bubbles: true, cancelable: true}));"""


@pytest.fixture(scope='module')
def site(web):
    return web('--source', 'synthetic', '--detector', 'haar', '--model', 'tiny')


@pytest.fixture(scope='module')
def image(portraits) -> np.ndarray:
    """One person and her mirror image."""
    wall = np.full((320, 480, 3), (150, 165, 170), np.uint8)
    name = portraits[0]
    return compose(
        wall, [Person(name, 130, 140, 120), Person(name, 350, 140, 120, mirrored=True)]
    ).image


@pytest.fixture(scope='module')
def folder(image, tmp_path_factory) -> Path:
    """Files to choose from."""
    folder = tmp_path_factory.mktemp('files')
    cv2.imwrite(str(folder / 'two.jpg'), image)
    cv2.imwrite(str(folder / 'nobody.png'), np.full((200, 300, 3), 120, np.uint8))
    write_clip(folder / 'clip.avi', [image] * 12, 6.0)
    (folder / 'moving.gif').write_bytes(encode('.gif', image[::2, ::2], image[::2, 1::2]))
    (folder / 'cut.jpg').write_bytes((folder / 'two.jpg').read_bytes()[:-200])
    (folder / 'text.jpg').write_text('<script>document.title = "taken"</script>')
    (folder / '<img src=x onerror=alert(1)>.jpg').write_bytes((folder / 'two.jpg').read_bytes())
    (folder / 'huge.jpg').write_bytes(b'\xff\xd8\xff' + b'\0' * 17_000_000)
    return folder


@pytest.fixture
def page(device, site):
    device.open(f'{site.url}/try?theme=light')
    device.wait_for(lambda: device.count('.drop input'), 'the field for files')
    return device


def choose(page, path: Path) -> None:
    """Choose a file, as the dialog of the browser would."""
    page.driver.find_element('css selector', '.drop input').send_keys(str(path))


def saved(page, text: str, path: Path) -> bytes:
    """Click the button with a text and return the file that the browser saved."""
    page.script(
        '[...document.querySelectorAll(".actions button")].find('
        '(one) => one.innerText === arguments[0]).click()',
        text,
    )
    page.wait_for(path.is_file, path.name)
    return path.read_bytes()


def test_a_picture_shows_its_faces_and_offers_picture_and_json(page, folder, tmp_path, image):
    choose(page, folder / 'two.jpg')
    page.wait_for(lambda: page.count('.result .face') == 2, 'faces')
    assert page.text('.result h2') == 'two.jpg'
    gap = page.script(
        'const place = (name) => document.querySelector(name).getBoundingClientRect();'
        'return place(".result").top - place(".try").bottom'
    )
    assert gap >= 8, 'the cards do not touch'
    assert page.count('.result .face .bars dt') == 14
    assert [page.text('.result .who')] == ['person 1']
    page.wait_for(lambda: page.script('return document.querySelector(".beside img").naturalWidth')
                  == 480, 'the annotated picture')  # fmt: skip
    assert page.script(FITS)
    assert faults(page) == []
    told = json.loads(saved(page, 'JSON', tmp_path / 'two_faces.json'))
    assert len(told['faces']) == 2
    assert 'annotated' not in told
    jpeg = saved(page, 'Annotated picture', tmp_path / 'two_annotated.jpg')
    drawn = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert drawn.shape == image.shape
    assert np.abs(drawn.astype(int) - image).max() > 60, 'something is drawn onto it'


def test_a_video_shows_progress_and_a_chart_and_offers_tables(page, folder, tmp_path):
    choose(page, folder / 'clip.avi')
    page.wait_for(lambda: page.count('.working progress'), 'progress')
    page.wait_for(lambda: page.count('.chart img'), 'chart')
    assert page.text('.result .found') == 'Frames: 12, people: 2'
    page.wait_for(
        lambda: page.script('return document.querySelector(".chart img").naturalWidth > 0'),
        'the chart',
    )
    page.wait_for(
        lambda: page.script('return document.querySelector(".beside video").readyState > 0'),
        'the annotated video',
    )
    assert page.script(FITS)
    assert faults(page) == []
    table = saved(page, 'Table of faces (CSV)', tmp_path / 'clip_faces.csv').decode()
    rows = list(csv.DictReader(table.splitlines()))
    assert len(rows) == 24
    assert {row['face_id'] for row in rows} == {'face1', 'face2'} or len(
        {row['face_id'] for row in rows}
    ) == 2
    frames = json.loads(saved(page, 'JSON', tmp_path / 'clip_frames.json'))['frames']
    assert len(frames) == 12
    page.click('.actions .action:last-child')
    page.wait_for(lambda: not page.count('.result'), 'nothing any more')


def test_a_picture_can_be_dropped(page, folder):
    import base64

    page.script(DROP, base64.b64encode((folder / 'two.jpg').read_bytes()).decode(), 'dropped.jpg')
    page.wait_for(lambda: page.count('.result .face') == 2, 'faces')
    assert page.text('.result h2') == 'dropped.jpg'


def test_an_animation_is_processed_as_a_video(page, folder):
    choose(page, folder / 'moving.gif')
    page.wait_for(lambda: page.count('.chart img'), 'chart')
    assert page.text('.result .found').startswith('Frames: 2')


def test_a_picture_without_a_face_shows_a_message(page, folder):
    choose(page, folder / 'nobody.png')
    page.wait_for(lambda: page.text('.result .found') == 'No face was found.', 'words')


@pytest.mark.parametrize(
    ('name', 'reason'),
    [
        ('cut.jpg', 'truncated'),
        ('text.jpg', 'not a picture'),
        ('huge.jpg', 'larger than 16 MB'),
    ],
)
def test_a_bad_file_is_refused_with_a_message(page, folder, name, reason):
    choose(page, folder / name)
    page.wait_for(lambda: reason in page.text('.problem'), 'reason')
    assert page.count('.result') == 0
    assert 'multipart' not in page.text('.problem'), 'it is for people'
    assert page.script('return document.title') != 'taken'
    assert faults(page) == []


def test_a_file_name_is_not_interpreted_as_html(page, folder):
    choose(page, folder / '<img src=x onerror=alert(1)>.jpg')
    page.wait_for(lambda: page.count('.result .face') == 2, 'faces')
    assert page.text('.result h2') == '<img src=x onerror=alert(1)>.jpg'


def test_a_page_of_another_server_cannot_send_a_picture(chromium, site, tmp_path):
    """As in a forged request: the server decides by the origin that the browser sends."""
    (tmp_path / 'evil.html').write_text('<p>evil</p>')
    chromium.open((tmp_path / 'evil.html').as_uri())
    chromium.driver.set_script_timeout(60)
    outcome = chromium.driver.execute_async_script(
        'const done = arguments[1]; const send = (path) => fetch(arguments[0] + path, {method: '
        '"POST", body: "x", mode: "no-cors", credentials: "include"}).then((one) => one.type, '
        '(error) => "refused");'
        'Promise.all([send("/classify"), send("/videos")]).then(done)',
        site.url,
    )
    assert outcome == ['refused', 'refused']
