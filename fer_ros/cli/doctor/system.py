"""Checks of the running system: nodes, topics, QoS, shared memory, clocks, diagnostics.

Each check takes a Snapshot and returns findings. None needs ROS.
"""

from __future__ import annotations

from collections.abc import Callable

from fer_ros.cli.doctor.catalogue import System
from fer_ros.cli.doctor.finding import Finding, ok
from fer_ros.cli.doctor.middleware import DEFAULT_SEGMENT, ProfileError, segment_size
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
        return [System.NO_NODE.found()]
    findings = [_node_finding(node) for node in system.nodes]
    names = {node.name.rpartition('/')[2] for node in system.nodes}
    for contract in (FACE_DETECTOR_NODE, EMOTION_CLASSIFIER_NODE):
        if contract.name not in names:
            findings.append(
                System.NODE_MISSING.found(node=contract.name, summary=contract.summary)
            )
    return findings


def _node_finding(node: NodeState) -> Finding:
    if node.state == 'active':
        return ok(f'{node.name} is active')
    if node.state is None:
        return System.NODE_SILENT.found(node=node.name)
    step = 'configure' if node.state == 'unconfigured' else 'activate'
    return System.NODE_NOT_ACTIVE.found(node=node.name, state=node.state, step=step)


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
        return System.NO_CAMERA_INFO.found(topic=topic)
    nodes = ', '.join(sorted({e.node for e in system.subscriptions if e.topic == topic}))
    others = sorted({entry.topic for entry in system.publishers if entry.type == kind})
    if not others:
        return System.NO_PUBLISHER.found(topic=topic, nodes=nodes)
    return System.OTHER_TOPIC.found(
        topic=topic,
        nodes=nodes,
        others=', '.join(others),
        argument='image_topic' if kind == IMAGE else topic.rpartition('/')[2],
        other=others[0],
    )


def _arrival(system: Snapshot, topic: str, heard: Heard) -> Finding:
    senders = ', '.join(sorted({entry.node for entry in system.publishers_of(topic)}))
    if not heard.received:
        return System.NOTHING_ARRIVES.found(topic=topic, seconds=system.seconds, nodes=senders)
    text = f'{topic}: {heard.received} messages in {system.seconds:g} s from {senders}'
    kind = system.publishers_of(topic)[0].type
    if kind in (FACE_ARRAY, FACE_EMOTIONS):
        text += f', faces in the newest: {heard.faces}' if heard.faces else ', no face in view'
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
    return findings or [ok(f'compatible pairs of publisher and subscription: {pairs}')]


def mismatch(system: Snapshot, writer: Endpoint, reader: Endpoint) -> list[Finding]:
    """Return the finding if a subscription receives nothing from a publisher."""
    if writer.type != reader.type:
        return [
            System.TYPES_DIFFER.found(
                topic=reader.topic,
                writer=writer.node,
                offered=writer.type,
                reader=reader.node,
                requested=reader.type,
            )
        ]
    for policy, offered, requested in (
        ('reliability', writer.reliability, reader.reliability),
        ('durability', writer.durability, reader.durability),
    ):
        if (offered, requested) in (('best_effort', 'reliable'), ('volatile', 'transient_local')):
            entry = _qos_entry(system, writer, reader, policy)
            return [
                entry.found(
                    topic=reader.topic,
                    writer=writer.node,
                    policy=policy,
                    offered=offered,
                    reader=reader.node,
                    requested=requested,
                )
            ]
    return []


def _qos_entry(system: Snapshot, writer: Endpoint, reader: Endpoint, policy: str) -> System:
    if system.is_ours(reader):
        return System.QOS_OF_OUR_SUBSCRIPTION
    if not system.is_ours(writer):
        return System.QOS_OF_OTHERS
    if policy == 'durability':
        return System.DURABILITY_OF_OUR_PUBLISHER
    return System.QOS_OF_OUR_PUBLISHER


def check_images(
    system: Snapshot,
    owner: Callable[[bytes], Process | None],
    cv_bridge_fault: Callable[[], str | None],
) -> list[Finding]:
    """Check whether images fit into the shared memory of their publishers, and can be read.

    Args:
        owner: Returns the process of an endpoint.
        cv_bridge_fault: cv_bridge_fault() of machine.py.
    """
    findings = []
    for topic, heard in sorted(system.heard.items()):
        for writer in system.publishers_of(topic):
            if writer.type == IMAGE:
                findings += _delivery(system, writer, heard, owner(writer.gid))
        if heard.encoding and heard.encoding not in READABLE and cv_bridge_fault() != '':
            findings.append(System.ENCODING.found(topic=topic, encoding=heard.encoding))
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
        return [System.DRIVER_PROFILE_UNUSABLE.found(node=writer.node, error=error)]
    if not best_effort or not segment or segment > max(heard.size, DEFAULT_SEGMENT):
        return [ok(f'{came}; {writer.node} has {segment >> 10} KiB of shared memory')]
    if heard.size > segment or heard.lost or not heard.received:
        return [
            System.DRIVER_WITHOUT_PROFILE.found(
                arrived=came,
                node=writer.node,
                process=process.name,
                kib=segment >> 10,
                images=f'images of {heard.size >> 10} KiB' if heard.received else 'its images',
            )
        ]
    return [ok(f'{came}; {writer.node} has {segment >> 10} KiB of shared memory, enough for them')]


def check_clocks(system: Snapshot) -> list[Finding]:
    """Compare stamps with the time, and use_sim_time with /clock."""
    simulated = {node.name for node in system.nodes if node.sim_time}
    real = {node.name for node in system.nodes if node.sim_time is False}
    if simulated and not system.clock:
        return [System.NO_CLOCK.found(nodes=', '.join(sorted(simulated)))]
    findings = []
    if simulated and real:
        findings.append(
            System.CLOCKS_DIFFER.found(
                simulated=', '.join(sorted(simulated)), real=', '.join(sorted(real))
            )
        )
    for topic, heard in sorted(system.heard.items()):
        if heard.received:
            findings += _stamps(system, topic, heard, bool(simulated))
    return findings or [ok('no stamped message arrived')]


def _stamps(system: Snapshot, topic: str, heard: Heard, simulated: bool) -> list[Finding]:
    if not heard.stamped:
        return [System.NO_STAMPS.found(topic=topic)]
    if simulated:
        return [ok(f'{topic}: stamps follow /clock')]
    age, direction = abs(heard.age), 'behind' if heard.age > 0 else 'ahead of'
    if age > WRONG:
        entry = System.STAMPS_OF_UNUSED_CLOCK if system.clock else System.STAMPS_WRONG
    elif heard.age > LATE or heard.age < -0.1:
        entry = System.STAMPS_LATE_WITH_CLOCK if system.clock else System.STAMPS_LATE
    else:
        return [ok(f"stamps of {topic} are {age:.1f} s {direction} this machine's clock")]
    return [entry.found(topic=topic, age=age, direction=direction)]


def check_diagnostics(system: Snapshot) -> list[Finding]:
    """Repeat the reports of the nodes about themselves."""
    if system.nodes and not system.statuses:
        return [System.NO_DIAGNOSTICS.found()]
    findings = []
    for status in system.statuses:
        if status.level == 0:
            findings.append(ok(f'/{status.name}: {status.message}'))
        else:
            entry = System.NODE_WARNS if status.level == 1 else System.NODE_FAILS
            findings.append(entry.found(node=status.name, message=status.message))
    return findings
