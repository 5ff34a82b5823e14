"""Free ROS domains."""

from __future__ import annotations

import socket

import pytest

from fer_ros.ros.bringup.domains import DOMAINS, is_silent, take_domain


@pytest.mark.parametrize('participant', [0, 1, 7])
def test_a_domain_is_not_silent_while_any_participant_has_its_port(participant):
    domain = next(domain for domain in reversed(DOMAINS) if is_silent(domain))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first:
        first.bind(('127.0.0.1', 7410 + 250 * domain + 2 * participant))
        assert not is_silent(domain)
    assert is_silent(domain)


def test_two_programs_take_different_domains():
    first, lock = take_domain({})
    with lock:
        second, other = take_domain({'ROS_DOMAIN_ID': str(first)})
        other.close()
        assert second != first
