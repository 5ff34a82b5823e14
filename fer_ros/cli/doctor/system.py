"""Checks of the running system: nodes, topics, QoS, shared memory, clocks, diagnostics.

Each check takes a Snapshot and returns findings. None needs ROS.
"""

from __future__ import annotations

from collections.abc import Callable

from fer_ros.cli.doctor.finding import Finding, ok, problem, warning
from fer_ros.cli.doctor.middleware import (
    DEFAULT_SEGMENT,
    PROFILE_REMEDY,
    ProfileError,
    segment_size,
)
from fer_ros.cli.doctor.process import Process
from fer_ros.cli.doctor.snapshot import (
    CAMERA_INFO,
    COMPRESSED_IMAGE,
    FACE_ARRAY,
    FACE_EMOTIONS,
    IMAGE,
    Endpoint,
    Heard,
    NodeState,
    Snapshot,
)
from fer_ros.core.imaging.pixels import READABLE
from fer_ros.ros.contract import EMOTION_CLASSIFIER_NODE, FACE_DETECTOR_NODE

#: Seconds between stamp and arrival above which a clock is suspicious, and certainly wrong.
LATE, WRONG = 1.0, 10.0

_FRAMES = (IMAGE, COMPRESSED_IMAGE, FACE_ARRAY, FACE_EMOTIONS)


def check_nodes(system: Snapshot) -> list[Finding]:
    """Check which nodes of fer_ros run, and their states."""
    if not system.nodes:
        return [
            warning(
                'no node of fer_ros is visible from here',
                'no node detects faces',
                'ros2 launch fer_ros pipeline.launch.py; if it runs, compare ROS_DOMAIN_ID, '
                'ROS_AUTOMATIC_DISCOVERY_RANGE and RMW_IMPLEMENTATION with this shell',
            )
        ]
    findings = [_node_finding(node) for node in system.nodes]
    names = {node.name.rpartition('/')[2] for node in system.nodes}
    for contract in (FACE_DETECTOR_NODE, EMOTION_CLASSIFIER_NODE):
        if contract.name not in names:
            findings.append(
                warning(
                    f'{contract.name} does not run',
                    f'no node {contract.summary}',
                    'run ros2 launch fer_ros pipeline.launch.py, or read its log if it ended',
                )
            )
    return findings


def _node_finding(node: NodeState) -> Finding:
    if node.state == 'active':
        return ok(f'{node.name} is active')
    if node.state is None:
        return problem(
            f'{node.name} does not answer',
            'it hangs, or its host or container has stopped',
            'read its log and restart it',
        )
    step = 'configure' if node.state == 'unconfigured' else 'activate'
    return problem(
        f'{node.name} is {node.state}',
        'it does nothing until it is active',
        f'ros2 lifecycle set {node.name} {step}; its log and the diagnostics below show what '
        'prevents it',
    )


def check_topics(system: Snapshot) -> list[Finding]:
    """Check the publishers of the topics of fer_ros, and whether messages arrive."""
    findings = []
    wanted = {
        (entry.topic, entry.type)
        for entry in system.subscriptions
        if system.is_ours(entry) and entry.type in (*_FRAMES, CAMERA_INFO)
    }
    results = {
        (entry.topic, entry.type) for entry in system.publishers if entry.type == FACE_EMOTIONS
    }
    for topic, kind in sorted(wanted | results):
        if not system.publishers_of(topic):
            findings.append(_nobody_publishes(system, topic, kind))
        elif topic in system.heard:
            findings.append(_arrival(system, topic, system.heard[topic]))
    return findings


def _nobody_publishes(system: Snapshot, topic: str, kind: str) -> Finding:
    if kind == CAMERA_INFO:
        return warning(
            f'no node publishes {topic}',
            'positions of faces are NaN',
            'configure the camera driver to publish it, or remap camera_info to its name',
        )
    others = sorted({entry.topic for entry in system.publishers if entry.type == kind})
    remedy = 'start its publisher (camera_node, or your driver), or read its log if it ended'
    if others:
        argument = 'image_topic' if kind == IMAGE else topic.rpartition('/')[2]
        remedy = (
            f'{", ".join(others)} has the same type: to use it, pass '
            f'{argument}:={others[0]} as a launch argument or a remapping'
        )
    listeners = sorted({e.node for e in system.subscriptions if e.topic == topic})
    return problem(
        f'no node publishes {topic}', f'{", ".join(listeners)} receives nothing', remedy
    )


def _arrival(system: Snapshot, topic: str, heard: Heard) -> Finding:
    senders = ', '.join(sorted({entry.node for entry in system.publishers_of(topic)}))
    if not heard.received:
        return problem(
            f'{senders} publishes {topic}, but nothing arrived in {system.seconds:g} s',
            'the publisher has stopped, or its messages are lost',
            'check the findings on QoS, shared memory and diagnostics below, and firewalls if it '
            'runs on another host',
        )
    text = f'{topic}: {heard.received} messages in {system.seconds:g} s from {senders}'
    kind = system.publishers_of(topic)[0].type
    if kind in (FACE_ARRAY, FACE_EMOTIONS):
        text += f', {heard.faces} faces in the newest' if heard.faces else ', nobody in view'
    return ok(text)


def check_qos(system: Snapshot) -> list[Finding]:
    """Compare the offered with the requested QoS on every topic of fer_ros."""
    findings = []
    pairs = 0
    for reader in system.subscriptions:
        for writer in system.publishers_of(reader.topic):
            concerns_us = reader.type.startswith('fer_msgs/') or any(
                map(system.is_ours, (reader, writer))
            )
            if concerns_us:
                pairs += 1
                findings += mismatch(system, writer, reader)
    return findings or [ok(f'{pairs} pairs of publisher and subscription are compatible')]


def mismatch(system: Snapshot, writer: Endpoint, reader: Endpoint) -> list[Finding]:
    """Return the finding if a subscription receives nothing from a publisher."""
    if writer.type != reader.type:
        return [
            problem(
                f'{reader.topic}: {writer.node} publishes {writer.type}, {reader.node} expects '
                f'{reader.type}',
                'they never connect',
                'remap one of them',
            )
        ]
    for policy, offered, asked in (
        ('reliability', writer.reliability, reader.reliability),
        ('durability', writer.durability, reader.durability),
    ):
        if (offered, asked) in (('best_effort', 'reliable'), ('volatile', 'transient_local')):
            return [
                problem(
                    f'{reader.topic}: {writer.node} offers {policy} {offered}, '
                    f'{reader.node} requests {asked}',
                    f'{reader.node} receives nothing from it',
                    _qos_remedy(system, writer, reader, policy, offered, asked),
                )
            ]
    return []


def _qos_remedy(
    system: Snapshot,
    writer: Endpoint,
    reader: Endpoint,
    policy: str,
    offered: str,
    asked: str,
) -> str:
    if system.is_ours(reader):
        return (
            f'start {reader.node} with -p qos_overrides.{reader.topic}.subscription.{policy}:='
            f'{offered}'
        )
    if system.is_ours(writer) and policy == 'durability':
        return (
            f'subscribe with {offered} in {reader.node}: fer_ros keeps no data about people for '
            'late subscribers'
        )
    if system.is_ours(writer):
        return (
            f'subscribe with {offered} in {reader.node} (qos_profile_sensor_data does), or '
            f'start {writer.node} with -p qos_overrides.{reader.topic}.publisher.{policy}:='
            f'{asked}'
        )
    return f'set both to {offered}, or both to {asked}'


def check_images(
    system: Snapshot,
    owner: Callable[[bytes], Process | None],
    cv_bridge_fault: Callable[[], str | None],
) -> list[Finding]:
    """Check whether images fit into the shared memory of their publishers, and can be read.

    owner: returns the process of an endpoint. cv_bridge_fault: as in machine.py.
    """
    findings = []
    for topic, heard in sorted(system.heard.items()):
        for writer in system.publishers_of(topic):
            if writer.type == IMAGE:
                findings += _delivery(system, writer, heard, owner(writer.gid))
        if heard.encoding and heard.encoding not in READABLE and cv_bridge_fault() != '':
            findings.append(
                problem(
                    f'{topic} is encoded as {heard.encoding}, which needs cv_bridge',
                    'face_detector_node reports an error for every image',
                    'install ros-<distro>-cv-bridge with the numpy that it was built for, or '
                    'configure the driver to publish bgr8',
                )
            )
    return findings or [ok('no images are sent to the nodes of fer_ros')]


def _delivery(
    system: Snapshot,
    writer: Endpoint,
    heard: Heard,
    process: Process | None,
) -> list[Finding]:
    best_effort = any(
        reader.topic == writer.topic
        and reader.reliability == 'best_effort'
        and system.is_ours(reader)
        for reader in system.subscriptions
    )
    sent = heard.received + heard.lost
    came = f'{heard.received} of {sent} images of {writer.topic} arrived'
    if process is None:
        return [ok(f'{came}; {writer.node} is on another host or in a container')]
    try:
        segment = segment_size(process.environment)
    except (ProfileError, ValueError) as error:
        return [
            problem(
                f'{writer.node} was started with a DDS profile that cannot be read: {error}',
                'Fast DDS ignores it and loses most images',
                'correct the path or the file',
            )
        ]
    if not best_effort or not segment or segment > max(heard.size, DEFAULT_SEGMENT):
        return [ok(f'{came}; {writer.node} has {segment >> 10} KiB of shared memory')]
    size = f'images of {heard.size >> 10} KiB' if heard.received else 'its images'
    text = (
        f'{came}; {writer.node}, process {process.name}, has {segment >> 10} KiB of shared '
        f'memory for {size}: it has no DDS profile'
    )
    remedy = f'{PROFILE_REMEDY}; or start fer_ros with image_reliability:=reliable'
    if heard.size > segment or heard.lost or not heard.received:
        return [
            problem(
                text,
                'images that do not fit are lost, most of them with best-effort delivery',
                remedy,
            )
        ]
    return [ok(f'{came}; {writer.node} has {segment >> 10} KiB of shared memory, enough for them')]


def check_clocks(system: Snapshot) -> list[Finding]:
    """Compare stamps with the time, and use_sim_time with /clock."""
    simulated = {node.name for node in system.nodes if node.sim_time}
    real = {node.name for node in system.nodes if node.sim_time is False}
    if simulated and not system.clock:
        return [
            problem(
                f'{", ".join(sorted(simulated))} use /clock, but nothing publishes it',
                'their clocks stay at 0: faces never leave, and latencies are wrong',
                'start the simulator or ros2 bag play --clock, or omit use_sim_time',
            )
        ]
    findings = []
    if simulated and real:
        findings.append(
            problem(
                f'{", ".join(sorted(simulated))} use /clock, {", ".join(sorted(real))} do not',
                'their times cannot be compared',
                'set use_sim_time:=true for all nodes, or for none',
            )
        )
    for topic, heard in sorted(system.heard.items()):
        if heard.received:
            findings += _stamps(system, topic, heard, bool(simulated))
    return findings or [ok('no stamped message arrived')]


def _stamps(system: Snapshot, topic: str, heard: Heard, simulated: bool) -> list[Finding]:
    if not heard.stamped:
        return [
            warning(
                f'stamps of {topic} are 0',
                'nodes use the time of arrival, which includes the transport delay',
                'configure the driver to stamp its images',
            )
        ]
    if simulated:
        return [ok(f'{topic}: stamps follow /clock')]
    direction = 'behind' if heard.age > 0 else 'ahead of'
    text = f"stamps of {topic} are {abs(heard.age):.1f} s {direction} this machine's clock"
    remedy = 'synchronise the clocks of both hosts (chrony), or use the system time in the driver'
    if system.clock:
        remedy = '/clock is published: start the nodes with use_sim_time:=true'
    meaning = 'tf finds no transform for them, and latencies in /diagnostics are wrong'
    if abs(heard.age) > WRONG:
        return [problem(text, meaning, remedy)]
    if heard.age > LATE or heard.age < -0.1:
        return [warning(text, 'a clock is wrong, or images arrive late', remedy)]
    return [ok(text)]


def check_diagnostics(system: Snapshot) -> list[Finding]:
    """Repeat the reports of the nodes about themselves."""
    if system.nodes and not system.statuses:
        return [
            warning(
                'no node of fer_ros reports diagnostics',
                'they hang, or their messages do not arrive',
                'read their logs',
            )
        ]
    findings = []
    for status in system.statuses:
        text = f'/{status.name}: {status.message}'
        if status.level == 0:
            findings.append(ok(text))
        else:
            judge = warning if status.level == 1 else problem
            findings.append(judge(text, 'the node reports this itself'))
    return findings
