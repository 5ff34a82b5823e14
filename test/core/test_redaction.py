"""No password and no token of an address is shown, in any form and at any position."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from fer_ros.core.errors import SourceError
from fer_ros.core.redaction import STARS, password_hint, redact, redact_address

#: Where cameras and servers take a secret, and what is shown of such an address.
PLACES = {
    'rtsp://me:{}@cam.local:554/live': 'rtsp://me:***@cam.local:554/live',
    'rtsp://:{}@cam.local/live': 'rtsp://:***@cam.local/live',
    'https://me%40home.org:{}@cam.local/a?b=1': 'https://me%40home.org:***@cam.local/a?b=1',
    'rtsp:/me:{}@cam.local/live': 'rtsp:***@cam.local/live',
    '//me:{}@cam.local/live': '//me:***@cam.local/live',
    'me:{}@cam.local/live': 'me:***@cam.local/live',
    'rtsp://cam:554/user=admin&password={}&channel=1': 'rtsp://cam:554/user=admin&password=***',
    'rtsp://cam/user=admin_password={}_channel=1.sdp': 'rtsp://cam/user=admin_password=***',
    'http://cam/video.cgi?user=admin&pwd={}': 'http://cam/video.cgi?user=admin&pwd=***',
    'http://cam/v?Token={}&x=1': 'http://cam/v?Token=***',
    'http://cam/v?api_key={}': 'http://cam/v?api_key=***',
    'http://cam/v?x=1#auth={}': 'http://cam/v?x=1#auth=***',
    'http://cam/v;jsessionid=1;secret={}': 'http://cam/v;jsessionid=***',
    'http://hub/api?src=rtsp%3A%2F%2Fme%3A{}%40cam': 'http://hub/api?src=rtsp%3A***',
}

ANY_PASSWORD = st.text(max_size=20) | st.text('#/?@:&=;% token\'"', max_size=12)


def shown_for(place: str) -> set[str]:
    """Return the text that may be shown. An ambiguous address ends in asterisks."""
    shown = PLACES[place]
    return {shown} | {shown[: end + 1] + STARS for end, sign in enumerate(shown) if sign in ':='}


@pytest.mark.parametrize(('place', 'shown'), PLACES.items())
def test_asterisks_replace_the_secret_only(place, shown):
    assert redact_address(place.format('s3cret')) == shown
    assert redact(f'stream {place.format("s3cret")} is lost') == f'stream {shown} is lost'


@pytest.mark.parametrize('place', PLACES)
@given(password=ANY_PASSWORD)
@example(password='a#b/c?d@e')
@example(password='/@:token=x@')
@example(password='x key=1 y')
def test_the_shown_text_does_not_depend_on_the_password(place, password):
    # A colon and // after the user name make it a scheme.
    assume(not (place.startswith('me:') and password.startswith('//')))
    assert redact_address(place.format(password)) in shown_for(place)


def test_the_parameter_name_before_an_address_is_kept():
    assert redact("'source:=rtsp://me:s3cret@cam' fails.") == "'source:***@cam' fails."
    assert redact('source:="rtsp://me:s3cret@cam".') == 'source:="rtsp://me:***@cam".'


@pytest.mark.parametrize('place', PLACES)
@given(password=st.text('abcXYZ0189!$%&()*+,-.:=@_~#/?', min_size=1, max_size=20))
def test_an_error_of_fer_ros_that_quotes_the_address_shows_no_password(place, password):
    address = place.format(f's3cret{password}s3cret')
    assert 's3cret' not in str(SourceError(f'there is no {address} here: check it'))


@pytest.mark.parametrize(
    'text',
    [
        'rtsp://me@cam.local/live',
        'http://cam.local/video?x=1',
        'http://[fe80::1]:8080/v',
        '/home/me/clip 12:30.mp4',
        'dashboard on http://127.0.0.1:8080, API on it',
        '[h264 @ 0x55aa] error while decoding',
        'source:=demo',
        '',
        'mail me@example.org: 3 faces',
    ],
)
def test_other_texts_are_not_changed(text):
    assert redact(text) == text


@given(st.text())
def test_any_text_can_be_redacted_and_a_second_pass_changes_nothing(text):
    once = redact(text)
    assert redact(once) == once
    password_hint(text)


@pytest.mark.parametrize(
    ('address', 'hint'),
    [
        ('rtsp://me:a#b@cam/live', 'in a password, write %23 for #'),
        ('rtsp://me:a/b?c@cam', 'in a password, write %2F for /, %3F for ?'),
        ('rtsp://me:a@b c@cam', 'in a password, write %40 for @, %20 for a space'),
        ('rtsp://me:a%23b@cam/live#1', ''),
        ('rtsp://cam/live#1', ''),
        ('clip.mp4', ''),
    ],
)
def test_the_error_says_how_to_write_a_password(address, hint):
    assert password_hint(address) == hint
