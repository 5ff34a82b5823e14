"""A network with loss and delay."""

from __future__ import annotations

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.hosts import Host, connect
from support.relay import TUN, Relay

if not TUN.exists():
    pytest.skip(f'no {TUN}: this kernel or container has no TAP devices', allow_module_level=True)

LOSS, DELAY = 0.05, 0.020
FRAMES = 60
#: Of the clip.
FRAMES_PER_SECOND = 10


def test_results_arrive_despite_5_percent_loss_and_20_ms_delay(
    clip, tmp_path, record_testsuite_property
):
    relay = Relay(delay=DELAY, loss=LOSS)
    with (
        Host('edge', tmp_path) as edge,
        Host('compute', tmp_path) as compute,
        connect(edge, compute, relay=relay),
    ):
        compute.launch('compute')
        at_compute = compute.observe('', None, 'face_emotions', 'expression_events', 'diagnostics')
        at_compute.wait_for('diagnostics')  # it hears the first event, too
        edge.launch('edge', source=str(clip))
        heard = at_compute.wait_for('face_emotions', FRAMES)
        captured = (heard[-1].stamp - heard[0].stamp) * 1e-9 * FRAMES_PER_SECOND + 1
        delays = sorted((message.received - message.stamp) * 1e-9 for message in heard)
        record_testsuite_property(
            'results_per_frame_at_5_percent_loss', round(len(heard) / captured, 3)
        )
        record_testsuite_property('delay_median_ms', round(delays[len(delays) // 2] * 1e3, 1))
        assert relay.lost > 0
        assert delays[0] >= DELAY
        # A message with one face is two fragments of a datagram: 0.95 squared arrive.
        assert len(heard) >= 0.7 * captured
        ids = {message.fields['face_id'] for message in at_compute.wait_for('expression_events')}
        assert {face for message in heard for face in message.fields['faces']} <= ids
