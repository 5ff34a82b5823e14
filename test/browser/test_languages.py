"""The pages use the language of the browser and fit the screen in each language."""

from __future__ import annotations

import pytest
from support.axe import faults

from fer_ros.web.texts import LANGUAGES, Texts

FITS = (
    'return document.documentElement.scrollWidth <= window.innerWidth && '
    'document.body.scrollWidth <= window.innerWidth'
)


@pytest.fixture(scope='module')
def site(web):
    return web('--source', 'synthetic', '--fps', '1', '--detector', 'haar', '--model', 'tiny')


@pytest.mark.parametrize('language', list(LANGUAGES))
def test_the_page_fits_a_phone_in_each_language(chromium, site, language):
    text = Texts(language)
    chromium.resize(320, 700, mobile=True)
    chromium.open(f'{site.url}/?theme=light&lang={language}')
    chromium.wait_for(lambda: chromium.count('.controls .title'), 'controls')
    assert chromium.script('return document.documentElement.lang') == language
    assert chromium.text('.now .title') == text('In view: apparent expressions')
    assert chromium.text('.controls h2') == text('Controls')
    assert chromium.text('.look-back h2') == text('Look back')
    assert chromium.script(FITS)
    chromium.open(f'{site.url}/try?theme=light&lang={language}')
    chromium.wait_for(
        lambda: (
            chromium.text('.drop strong') == text('Drop a picture or a video here, or choose one')
        ),
        'the field for files',
    )
    assert chromium.script(FITS)
    if language == 'ja':
        assert faults(chromium) == []


def test_the_chosen_language_applies_to_every_page(chromium, site):
    chromium.resize(1280, 900)
    chromium.open(f'{site.url}/?theme=light&lang=en')
    chromium.wait_for(lambda: chromium.count('select.language'), 'the choice')
    assert chromium.script('return document.querySelector("select.language").value') == 'en'
    chromium.script(
        'const field = document.querySelector("select.language"); field.value = "de";'
        'field.dispatchEvent(new Event("change", {bubbles: true}))'
    )
    chromium.wait_for(
        lambda: chromium.script('return document.documentElement.lang') == 'de', 'German'
    )
    chromium.open(f'{site.url}/headset')
    chromium.wait_for(
        lambda: chromium.script('return document.documentElement.lang') == 'de', 'German'
    )
    chromium.script('document.cookie = "fer_ros_language=; path=/; max-age=0"')
