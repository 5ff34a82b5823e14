"""Discovery on networks without multicast, as many wireless networks are."""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.hosts import Host, connect
from support.relay import TUN, Relay

#: More than the four processes of a host that Fast DDS looks for by default.
OTHER_PROCESSES = 5

if not TUN.exists():
    pytest.skip(f'no {TUN}: this kernel or container has no TAP devices', allow_module_level=True)


@contextmanager
def without_multicast(folder):
    """Yield edge and compute host, joined by a link without multicast."""
    with (
        Host('edge', folder) as edge,
        Host('compute', folder) as compute,
        connect(edge, compute, relay=Relay(multicast=False)),
    ):
        yield edge, compute


def test_hosts_that_name_each_other_as_peers_connect_with_any_number_of_processes(clip, tmp_path):
    with without_multicast(tmp_path) as (edge, compute):
        to_compute, to_edge = compute.addresses[0], edge.addresses[0]
        for _ in range(OTHER_PROCESSES):
            # They only take the first numbers, which distinguish the processes of a host.
            edge.observe('', None, 'expression_events')
            compute.observe('', None, 'expression_events')
        time.sleep(2)
        edge.launch('edge', source=str(clip), peer=to_compute)
        compute.launch('compute', peer=to_edge)
        heard = compute.observe('', {'ROS_STATIC_PEERS': to_edge}, 'face_emotions')
        heard.wait_for('face_emotions', 10, is_meant=lambda m: len(m.fields['faces']) == 1)


def test_one_host_that_names_the_other_is_enough(clip, tmp_path):
    with without_multicast(tmp_path) as (edge, compute):
        edge.launch('edge', source=str(clip), peer=compute.addresses[0])
        compute.launch('compute')
        heard = compute.observe('', None, 'face_emotions')
        heard.wait_for('face_emotions', 10, is_meant=lambda m: len(m.fields['faces']) == 1)


def test_hosts_connect_through_a_discovery_server(clip, tmp_path):
    program = shutil.which('fast-discovery-server')
    if program is None:
        pytest.skip('no fast-discovery-server: it comes with ROS 2 as package fastrtps')
    with without_multicast(tmp_path) as (edge, compute):
        address = compute.addresses[0]
        compute.start('server', [program, '-i', '0', '-l', address, '-p', '11811'], {})
        environment = {'ROS_DISCOVERY_SERVER': f'{address}:11811'}
        edge.launch('edge', environment, source=str(clip))
        compute.launch('compute', environment)
        heard = compute.observe('', environment, 'face_emotions')
        heard.wait_for('face_emotions', 10, is_meant=lambda m: len(m.fields['faces']) == 1)
