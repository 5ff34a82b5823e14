"""A real browser on another host of the same network logs in with the token."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from support.waiting import PATIENCE

pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')

from support import browser
from support.hosts import Host, connect

PHONE = Path(__file__).resolve().parents[1] / 'support' / 'phone.py'
TOKEN = 'a-token-that-only-tests-know'


def read_when(host: Host, name: str, word: str) -> str:
    """Return the output of a process on a host, once it contains a word."""
    deadline = time.monotonic() + PATIENCE
    while word not in (text := host.log_file(name).read_text(errors='replace')):
        assert time.monotonic() < deadline, text
        time.sleep(0.1)
    return text


def test_a_phone_logs_in_over_the_network_at_the_printed_address(tmp_path):
    if lack := browser.missing():
        pytest.skip(lack)
    token_file = tmp_path / 'token.txt'
    token_file.write_text(TOKEN)
    token_file.chmod(0o600)
    with (
        Host('robot', tmp_path) as robot,
        Host('phone', tmp_path) as phone,
        connect(robot, phone, 31),
    ):
        robot.start(
            'web',
            [
                sys.executable,
                '-m',
                'fer_ros',
                'web',
                '--source',
                'synthetic',
                '--detector',
                'haar',
                '--address',
                '0.0.0.0',
                '--port',
                '0',
                '--token-file',
                str(token_file),
            ],
            {},
        )
        printed = read_when(robot, 'web', 'Ctrl-C')
        address = next(
            line.split()[-1] for line in printed.splitlines() if line.startswith('dashboard:')
        )
        assert address.startswith('http://10.77.31.1:'), 'one that can be typed on the phone'
        assert TOKEN not in printed
        phone.start('browser', [sys.executable, str(PHONE), address, TOKEN], {})
        try:
            seen = json.loads(read_when(phone, 'browser', '"refused"').splitlines()[-1])
        except AssertionError as error:
            raise AssertionError(f'{error}\n{robot.logs()}') from None
    assert seen['refused'] == 'The token is wrong. Enter the token of this server.'
    assert seen['path'] == '/'
    assert 'searching' in seen['state'] or 'waiting' in seen['state']
    assert seen['cookie'] == '', 'no script can read it'
