"""Settings that a server refuses, and the clients it accepts."""

from __future__ import annotations

import re
import subprocess

import pytest

from fer_ros.web.errors import WebError
from fer_ros.web.libraries import require_libraries
from fer_ros.web.serving.access import Access, RateLimit
from fer_ros.web.serving.settings import TOKEN_VARIABLE, WebSettings, read_token

TOKEN = 'sixteen-characters-or-more'


@pytest.mark.parametrize('address', ['0.0.0.0', '::', '192.168.1.7', 'robot.local'])
def test_an_address_other_than_localhost_needs_a_token(address):
    with pytest.raises(WebError, match='there is no token'):
        WebSettings(address)
    assert WebSettings(address, token=TOKEN).token == TOKEN


@pytest.mark.parametrize('address', ['127.0.0.1', '127.0.1.1', '::1', 'localhost'])
def test_localhost_needs_no_token(address):
    assert WebSettings(address).token == ''


@pytest.mark.parametrize(
    'origin',
    [
        '*',
        'null',
        '',
        'shop.example',
        'http://shop.example/',
        'HTTP://shop.example',
        'http://shop.example:port',
        'http://shop.example, http://other.example',
    ],
)
def test_an_invalid_origin_is_refused_with_an_example(origin):
    with pytest.raises(WebError, match='such as http://localhost:3000'):
        WebSettings(cors_origins=(origin,))
    WebSettings(cors_origins=('https://shop.example', 'http://[fe80::1]:3000'))


@pytest.mark.parametrize('name', ['', '*', 'a b', 'http://robot.local', 'robot.local:8080'])
def test_an_invalid_name_of_a_host_is_refused_with_an_example(name):
    with pytest.raises(WebError, match=r'such as robot\.local'):
        WebSettings(allowed_hosts=(name,))
    WebSettings(allowed_hosts=('robot.local', 'Robot_1', '10.0.0.7', '[fe80::1]'))


def test_a_short_token_is_refused_and_not_repeated():
    with pytest.raises(WebError, match='at least 16') as error:
        WebSettings(token='hunter2')
    assert 'hunter2' not in str(error.value)


def test_a_token_is_read_from_a_private_file_or_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(TOKEN_VARIABLE, 'from-the-environment')
    assert read_token() == 'from-the-environment'
    file = tmp_path / 'token.txt'
    file.write_text(f'{TOKEN}\n')
    file.chmod(0o644)
    with pytest.raises(WebError, match='chmod 600'):
        read_token(str(file))
    file.chmod(0o600)
    assert read_token(str(file)) == TOKEN
    file.write_text('\n')
    with pytest.raises(WebError, match='is empty'):
        read_token(str(file))
    with pytest.raises(WebError, match='cannot be read'):
        read_token(str(tmp_path / 'nowhere'))


def test_a_missing_library_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setattr(
        'fer_ros.web.libraries.find_spec', lambda name: None if name == 'nicegui' else object()
    )
    with pytest.raises(WebError, match='pip install nicegui'):
        require_libraries()


@pytest.mark.parametrize(
    ('host', 'known'),
    [
        ('127.0.0.1:8080', True),
        ('localhost:8080', True),
        ('[::1]:8080', True),
        ('192.168.1.7:8080', True),
        ('robot.example:8080', True),
        ('ROBOT.example', True),
        ('evil.example:8080', False),
        ('127.0.0.1.evil.example', False),
        ('', False),
        ('localhost@evil.example', False),
        ('[::1', False),
    ],
)
def test_only_names_of_this_server_are_accepted(host, known):
    """A foreign name that points here is DNS rebinding."""
    access = Access(WebSettings(allowed_hosts=('robot.example',)))
    assert access.knows_host(host) is known


@pytest.mark.parametrize(
    ('origin', 'known'),
    [
        ('', True),
        ('http://127.0.0.1:8080', True),
        ('https://127.0.0.1:8080', True),
        ('http://127.0.0.1:9999', False),
        ('http://evil.example', False),
        ('null', False),
    ],
)
def test_only_pages_of_this_server_can_write(origin, known):
    assert Access(WebSettings()).knows_origin(origin, '127.0.0.1:8080') is known


@pytest.mark.parametrize(
    ('origin', 'fetch_site', 'known'),
    [
        ('null', 'same-origin', True),
        ('null', 'cross-site', False),
        ('null', 'none', False),
        ('', 'same-origin', True),
        ('', 'none', True),
        ('', 'cross-site', False),
        ('http://127.0.0.1:8080', 'cross-site', False),
        ('http://127.0.0.1:8080', 'same-site', False),
        ('http://evil.example', 'same-origin', False),
    ],
)
def test_the_fetch_metadata_decides_about_a_null_origin(origin, fetch_site, known):
    access = Access(WebSettings())
    assert access.knows_origin(origin, '127.0.0.1:8080', fetch_site) is known


def test_a_cookie_differs_from_the_token_and_cannot_be_made_without_it():
    access = Access(WebSettings(token=TOKEN))
    assert TOKEN not in access.cookie
    assert access.may_ask('', access.cookie)
    assert access.may_ask(f'Bearer {TOKEN}', '')
    for authorization, cookie in (
        ('', ''),
        (f'Basic {TOKEN}', ''),
        (TOKEN, ''),
        ('Bearer ', ''),
        ('Bearer \udcff', ''),
        ('', TOKEN),
        ('', Access(WebSettings(token=TOKEN + 'x')).cookie),
    ):
        assert not access.may_ask(authorization, cookie)


def test_a_rate_limit_recovers_with_time_and_remembers_few_clients():
    now = 0.0
    limit = RateLimit(1.0, 2, clients=3, clock=lambda: now)
    assert [limit.admits('a') for _ in range(3)] == [True, True, False]
    assert limit.admits('b')
    now = 1.0
    assert [limit.admits('a') for _ in range(2)] == [True, False]
    for client in 'cdefg':
        limit.admits(client)
    assert len(limit._buckets) == 3


def test_the_command_of_the_error_makes_a_token_that_is_accepted(tmp_path):
    with pytest.raises(WebError) as refused:
        WebSettings(address='0.0.0.0')
    command = re.search(r'create one with (\(.*\)) and', str(refused.value))
    assert command
    subprocess.run(['sh', '-c', f'umask 022; {command[1]}'], cwd=tmp_path, check=True)
    assert WebSettings(address='0.0.0.0', token=read_token(str(tmp_path / 'token.txt')))
