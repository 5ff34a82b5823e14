"""The printed address is one that a phone can open and scan."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest

from fer_ros.web.serving import addresses
from fer_ros.web.serving.addresses import machine_addresses, qr_code, reachable_hosts


class Terminal(io.StringIO):
    """Simulates a terminal."""

    encoding = 'UTF-8'

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ('address', 'hosts'),
    [
        ('127.0.0.1', ['127.0.0.1']),
        ('192.168.1.7', ['192.168.1.7']),
        ('::1', ['[::1]']),
        ('fe80::1%eth0', ['[fe80::1%eth0]']),
    ],
)
def test_a_specific_address_is_shown_as_it_is(address, hosts):
    assert reachable_hosts(address) == hosts


@pytest.mark.parametrize('address', ['0.0.0.0', '::'])
def test_a_wildcard_is_shown_as_the_addresses_of_the_machine(address, monkeypatch):
    assert reachable_hosts(address) == (machine_addresses() or ['127.0.0.1'])
    monkeypatch.setattr(addresses, 'machine_addresses', lambda: [])
    assert reachable_hosts(address) == ['127.0.0.1']


def test_the_qr_code_on_a_terminal_can_be_scanned():
    pytest.importorskip('segno', reason='no segno: pip install -r requirements/web.txt')
    url = 'http://192.168.178.101:8080'
    lines = [line[len('\033[97;40m') : -len('\033[0m')] for line in qr_code(url, Terminal())]
    halves = {' ': (0, 0), '\u2580': (255, 0), '\u2584': (0, 255), '\u2588': (255, 255)}
    rows = [[halves[sign][half] for sign in line] for line in lines for half in (0, 1)]
    picture = np.kron(np.array(rows, np.uint8), np.ones((8, 8), np.uint8))
    picture = cv2.copyMakeBorder(picture, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=255)
    found, *_ = cv2.QRCodeDetector().detectAndDecode(picture)
    assert found == url


def test_a_log_contains_no_qr_code():
    assert qr_code('http://192.168.178.101:8080', io.StringIO()) == []


def test_without_its_library_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(addresses, 'find_spec', lambda name: None)
    (line,) = qr_code('http://192.168.178.101:8080', Terminal())
    assert 'pip install segno' in line
