"""Edge and compute host on one cable: traffic and faults."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.clock import shifted_clock
from support.hosts import Host, connect, now
from support.promises import ON_TIME
from support.waiting import PATIENCE

SECOND = 1_000_000_000
DETECTOR, CLASSIFIER = 'face_detector_node', 'emotion_classifier_node'

#: Seconds within which results must come again; far less is usual.
RESUMES = 3.0

#: Bytes on the wire for each frame with one face, both ways, discovery and diagnostics included.
MOST_BYTES = 6 * 1024


@pytest.fixture(scope='module')
def hosts(clip, tmp_path_factory):
    folder = tmp_path_factory.mktemp('hosts')
    with (
        Host('edge', folder) as edge,
        Host('compute', folder) as compute,
        connect(edge, compute) as device,
    ):
        compute.launch('compute')
        at_compute = compute.observe('', None, 'face_emotions', 'expression_events', 'diagnostics')
        at_compute.wait_for('diagnostics')  # it hears the first event, too
        edge.launch('edge', source=str(clip))
        at_edge = edge.observe('', None, 'diagnostics')
        at_compute.wait_for('face_emotions', 5)
        yield SimpleNamespace(
            edge=edge, compute=compute, device=device, at_compute=at_compute, at_edge=at_edge
        )


@pytest.fixture
def flowing(hosts):
    """Wait until results arrive after the previous test, and return the hosts."""
    hosts.at_compute.wait_for('face_emotions', 5, since=now())
    return hosts


def configured(host: Host, node: str, times: int) -> None:
    """Wait until the log of a node names its model or detector a number of times."""
    deadline = time.monotonic() + PATIENCE
    while host.log_file(node).read_text(errors='replace').count('[INFO]') < times:
        assert time.monotonic() < deadline, host.logs()
        time.sleep(0.02)


def resumed_after(hosts, since: int) -> float:
    """Wait for results of frames captured since a time; return the seconds they took."""
    first = hosts.at_compute.wait_for(
        'face_emotions', since=since, is_meant=lambda m: m.stamp >= since
    )[0]
    return (first.received - since) / SECOND


def test_each_host_has_its_own_shared_memory(flowing):
    segments = [
        set(host.run('ls', '/dev/shm').split()) for host in (flowing.edge, flowing.compute)
    ]
    assert all(
        any(name.startswith(('fastrtps', 'fastdds')) for name in names) for names in segments
    )
    names = [host.run('stat', '-c', '%d', '/dev/shm') for host in (flowing.edge, flowing.compute)]
    assert names[0] != names[1]


def test_faces_from_the_edge_are_classified_on_the_compute_host(flowing):
    since = now()
    emotions = flowing.at_compute.wait_for('face_emotions', 10, since=since)
    assert all(len(message.fields['faces']) == 1 for message in emotions)
    events = flowing.at_compute.wait_for('expression_events')
    ids = {message.fields['face_id'] for message in events}
    assert {face for message in emotions for face in message.fields['faces']} <= ids


def test_a_latency_across_two_clocks_names_the_other_host(flowing):
    assert 'another host' in flowing.at_compute.status(CLASSIFIER, now())['clock']
    assert 'clock' not in flowing.at_edge.status(DETECTOR, now())


def test_results_arrive_without_a_latency_if_the_compute_clock_is_behind(flowing, tmp_path):
    flowing.compute.stop(CLASSIFIER)
    try:
        flowing.compute.launch('compute', shifted_clock(tmp_path, -1.5))
        told = flowing.at_compute.wait_for(
            'diagnostics',
            since=now(),
            is_meant=lambda m: 'latency' in m.fields and m.fields['name'].startswith(CLASSIFIER),
        )[0].fields
        assert 'ahead of the clock of this host' in told['latency']
        assert 'latency_median_ms' not in told
        flowing.at_compute.wait_for('face_emotions', 5, since=now())
    finally:
        flowing.compute.stop(CLASSIFIER)
        flowing.compute.launch('compute')


def test_a_frame_with_one_face_takes_at_most_6_kilobytes_on_the_network(
    flowing, record_testsuite_property
):
    def used() -> tuple[float, float]:
        return (
            flowing.edge.processor_seconds(DETECTOR),
            flowing.compute.processor_seconds(CLASSIFIER),
        )

    since, before, used_before = now(), flowing.edge.bytes_on(flowing.device), used()
    flowing.at_compute.wait_for('face_emotions', 40, since=since)
    sent, used_after = flowing.edge.bytes_on(flowing.device) - before, used()
    frames = len(flowing.at_compute.messages('face_emotions', since))
    record_testsuite_property('bytes_per_frame', round(sent / frames))
    for node, first, last in zip((DETECTOR, CLASSIFIER), used_before, used_after, strict=True):
        record_testsuite_property(
            f'{node}_processor_ms_per_frame', round((last - first) * 1e3 / frames, 1)
        )
    assert sent / frames <= MOST_BYTES


@ON_TIME
def test_results_resume_after_10_seconds_without_link_and_none_is_old(
    flowing, record_testsuite_property
):
    edge, device = flowing.edge, flowing.device
    memory = edge.resident_memory(DETECTOR)
    edge.set_link(device, 'down')
    cut = now()
    time.sleep(10)
    frames_without_link = [
        int(flowing.at_edge.status(DETECTOR, since)['processed'])
        for since in (cut + SECOND, now() - 2 * SECOND)
    ]
    up = now()
    edge.set_link(device, 'up')
    seconds = resumed_after(flowing, up)
    growth = edge.resident_memory(DETECTOR) - memory
    record_testsuite_property('seconds_after_link', round(seconds, 2))
    record_testsuite_property('memory_growth', growth)
    assert seconds <= RESUMES
    late = [m for m in flowing.at_compute.messages('face_emotions', up) if m.stamp < up - SECOND]
    assert not late, 'frames from before the link came back were sent again'
    # The edge continued at its rate: 10 Hz for more than 5 seconds between the two checks.
    assert frames_without_link[1] - frames_without_link[0] >= 20
    assert growth < 8 * 1024 * 1024


def test_without_a_subscriber_no_crop_is_made_and_almost_nothing_is_sent(
    flowing, record_testsuite_property
):
    def crops_and_frames() -> tuple[int, int]:
        status = flowing.at_edge.status(DETECTOR, now())
        return int(status['crops']), int(status['processed'])

    assert crops_and_frames()[0] > 0
    flowing.compute.stop(CLASSIFIER)
    try:
        # A subscriber that a test killed counts until its lease of 20 seconds ends.
        deadline = time.monotonic() + PATIENCE
        last, (crops, frames) = -1, crops_and_frames()
        while crops != last:
            assert time.monotonic() < deadline, 'crops are cut for nobody'
            last, (crops, frames) = crops, crops_and_frames()
        sent = flowing.edge.bytes_on(flowing.device)
        time.sleep(3)
        later = crops_and_frames()
        sent = flowing.edge.bytes_on(flowing.device) - sent
    finally:
        flowing.compute.start_again(CLASSIFIER)
    assert later[1] - frames >= 10, 'the edge went on to look for faces'
    assert later[0] == crops
    each = sent / (later[1] - frames)
    record_testsuite_property('bytes_per_frame_without_subscriber', round(each))
    assert each < 2000


@ON_TIME
@pytest.mark.parametrize(('host', 'node'), [('edge', DETECTOR), ('compute', CLASSIFIER)])
def test_a_killed_node_is_found_again_after_its_restart(
    flowing, host, node, record_testsuite_property
):
    where = getattr(flowing, host)
    starts = where.log_file(node).read_text(errors='replace').count('[INFO]')
    killed = now()
    where.kill(node)
    where.start_again(node)
    configured(where, node, starts + 1)
    back = now()
    record_testsuite_property(f'{node}_seconds_to_be_up', round((back - killed) / SECOND, 2))
    seconds = resumed_after(flowing, back)
    record_testsuite_property(f'{node}_seconds_after_it_is_up', round(seconds, 2))
    assert seconds <= RESUMES
