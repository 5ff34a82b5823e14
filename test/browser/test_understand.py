"""The page explains who is who, what a figure means, and the limits of the model."""

from __future__ import annotations

import pytest
from support.axe import faults
from support.mjpeg import NetworkCamera

FITS = (
    'return document.documentElement.scrollWidth <= window.innerWidth && '
    'document.body.scrollWidth <= window.innerWidth'
)


@pytest.fixture(scope='module')
def site(web, two_faces):
    with NetworkCamera([two_faces], fps=4) as camera:
        yield web('--source', camera.url, '--detector', 'haar')


@pytest.fixture(params=[(1280, 900), (320, 640)], ids=['desk', 'phone'])
def page(request, chromium, site):
    width, height = request.param
    chromium.resize(width, height, mobile=width < 400)
    chromium.open(f'{site.url}/?theme=light')
    chromium.wait_for(lambda: chromium.count('.face') == 2 and chromium.count('.box'), 'faces')
    return chromium


def press(page, *keys: str) -> None:
    from selenium.webdriver import ActionChains

    ActionChains(page.driver).send_keys(*keys).perform()


def test_people_are_numbered_from_left_to_right_in_list_and_image(page):
    def shown_of_one_moment() -> tuple[list[int], list[float]] | None:
        # Old results are not shown, so the page can be empty for a moment.
        cards, boxes, sizes = page.script("""
            const all = (name) => [...document.querySelectorAll(name)];
            return [
                all('.face .who').map((e) => e.innerText),
                all('.tag small').map((e) => Number(e.innerText)),
                ['.face strong', '.face code'].map((name) =>
                    parseFloat(getComputedStyle(all(name)[0]).fontSize))];""")
        numbers = [int(name.removeprefix('person ')) for name in cards]
        return (numbers, sizes) if len(numbers) == 2 and sorted(boxes) == numbers else None

    numbers, sizes = page.wait_for(shown_of_one_moment, 'cards and boxes of the same people')
    assert numbers == sorted(numbers)
    assert sizes[1] < 0.7 * sizes[0], 'the id is small'
    page.wait_for(lambda: 'person' in page.text('.events .who'), 'the person of an event')
    assert page.script(FITS)


def test_each_figure_has_an_explanation_that_the_keyboard_opens(page):
    from selenium.webdriver.common.keys import Keys

    explained = page.count('.meaning summary')
    assert explained == 5, 'three figures, the faces, and the nodes'
    for number in range(explained):
        page.script('document.querySelectorAll(".meaning summary")[arguments[0]].focus()', number)
        press(page, Keys.ENTER)
    page.wait_for(lambda: page.count('.meaning[open]') == explained, 'explanations')
    text = page.text('body')
    assert 'If a newer frame arrives, a waiting frame is dropped' in text
    assert 'No expression is currently probable enough.' in text
    assert 'How probable the model finds this expression for the face.' in text
    assert page.script(FITS)
    assert faults(page) == []


def test_the_model_and_its_limits_are_one_click_away(page):
    from selenium.webdriver.common.keys import Keys

    page.click('nav .plain')
    page.wait_for(lambda: 'not what a person feels' in page.text('.dialog'), 'limits')
    assert page.text('.dialog h2') == 'Model default'
    assert page.script(
        'const dialog = document.querySelector(".dialog");'
        'return dialog.scrollWidth <= dialog.clientWidth'
    ), 'no text is cut off'
    assert page.script(FITS)
    assert faults(page) == []
    press(page, Keys.ESCAPE)
    page.wait_for(lambda: not page.count('.dialog[open]'), 'end of the dialog')


def test_the_page_says_that_expressions_are_apparent(page):
    assert 'apparent expressions' in page.text('.now .title')
    assert 'not what a person feels' in page.text('.now .remark')
