"""The SROS2 policy of the nodes from the contract: topics and services that each can use.

config/sros2_policy.xml is the policy of nodes without a namespace, written by `python -m
fer_ros.ros.contract_text`. For a namespace: `python -m fer_ros.ros.contract.sros2_policy robot1 >
policy.xml`. https://design.ros2.org/articles/ros2_access_control_policies.html describes the
format.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from xml.etree import ElementTree

from fer_ros.ros.contract import (
    ATTENTION_EVENTS,
    CAMERA_ENABLE,
    CAMERA_ENABLED,
    CAMERA_NODE,
    EMOTION_CLASSIFIER_NODE,
    EXPRESSION_EVENTS,
    FACE_DETECTOR_NODE,
    FACE_EMOTIONS,
    MARKER_NODE,
    NODE_SERVICES,
    NODES,
    OVERLAY_NODE,
    WEB_NODE,
    NodeContract,
    Topic,
)

#: Topics of every ROS node. /clock is read with use_sim_time.
ROS_PUBLISHES = ('/rosout', '/parameter_events')
ROS_SUBSCRIBES = ('/clock',)
#: In addition to NODE_SERVICES, since Jazzy.
ROS_SERVICES = ('get_type_description',)
#: Interfaces of a lifecycle node in addition to its contract.
LIFECYCLE_PUBLISHES = ('~/transition_event',)
LIFECYCLE_SERVICES = tuple(
    name for name, kind in NODE_SERVICES.items() if kind.startswith('lifecycle_msgs/')
)

#: Processes of several nodes. The private one has no right to any topic of pictures.
PIPELINE = (CAMERA_NODE, FACE_DETECTOR_NODE, EMOTION_CLASSIFIER_NODE, OVERLAY_NODE, MARKER_NODE)
SINGLE_PROCESS, SINGLE_PROCESS_PRIVATE = 'single_process', 'single_process_private'

#: Services of the nodes that web_node controls.
CONTROLLED = (
    CAMERA_ENABLE.replace('~', CAMERA_NODE.name),
    *(
        f'{node.name}/{service}'
        for node in (CAMERA_NODE, FACE_DETECTOR_NODE, EMOTION_CLASSIFIER_NODE)
        for service in (
            'get_parameters',
            'set_parameters_atomically',
            'change_state',
            'get_state',
        )
    ),
)

_HEAD = """\
What each process of fer_ros may do, and nothing else; SECURITY.md describes how to use it.
Written by python -m fer_ros.ros.contract_text, from fer_ros/ros/contract.
"""


def enclave_path(process: str, namespace: str = '') -> str:
    """Return the enclave of a process: its security identity."""
    prefix = f'/{namespace.strip("/")}' if namespace.strip('/') else ''
    return f'{prefix}/fer_ros/{process}'


def policy_xml(namespace: str = '') -> str:
    """Return the policy of all processes in a namespace."""
    root = ElementTree.Element('policy', version='0.2.0')
    root.append(ElementTree.Comment(f'\n{_HEAD}'))
    enclaves = ElementTree.SubElement(root, 'enclaves')
    processes: Mapping[str, Sequence[NodeContract]] = {
        **{name: (contract,) for name, contract in NODES.items()},
        SINGLE_PROCESS: PIPELINE,
    }
    for process, nodes in processes.items():
        profiles = _enclave(enclaves, process, namespace)
        for contract in nodes:
            _node_profile(profiles, contract, namespace)
    profiles = _enclave(enclaves, SINGLE_PROCESS_PRIVATE, namespace)
    for contract in PIPELINE:
        if contract is not OVERLAY_NODE:
            _node_profile(profiles, contract, namespace, private=True)
    emotions = (FACE_EMOTIONS, EXPRESSION_EVENTS, ATTENTION_EVENTS)
    _profile(_enclave(enclaves, 'record', namespace), 'record', namespace, subscribe=emotions)
    _profile(
        _enclave(enclaves, 'robot_program', namespace),
        'robot_program',
        namespace,
        subscribe=(*emotions, '/diagnostics', _of(CAMERA_NODE, CAMERA_ENABLED)),
        request=(_of(CAMERA_NODE, CAMERA_ENABLE),),
    )
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _enclave(enclaves: ElementTree.Element, process: str, namespace: str) -> ElementTree.Element:
    enclave = ElementTree.SubElement(enclaves, 'enclave', path=enclave_path(process, namespace))
    return ElementTree.SubElement(enclave, 'profiles')


def _node_profile(
    profiles: ElementTree.Element,
    contract: NodeContract,
    namespace: str,
    private: bool = False,
) -> None:
    """Add the rights of a node.

    Args:
        private: Whether its process keeps all pictures.
    """

    def names(topics: Iterable[Topic]) -> list[str]:
        return [
            _pattern(topic.name)
            for topic in topics
            # A name that a parameter gives is not known here.
            if not (private and topic.picture) and not topic.name.startswith('<')
        ]

    # In a private process, pictures and faces are passed by direct calls, transforms are not.
    subscribes = [topic for topic in contract.subscribes if topic.parameter or not private]
    _profile(
        profiles,
        contract.name,
        namespace,
        publish=(*names(contract.publishes), *LIFECYCLE_PUBLISHES),
        subscribe=names(subscribes),
        reply=(
            *(service.name for service in contract.services),
            *(f'~/{name}' for name in LIFECYCLE_SERVICES),
        ),
        request=CONTROLLED if contract is WEB_NODE else (),
    )


def _profile(
    profiles: ElementTree.Element,
    node: str,
    namespace: str,
    *,
    publish: Sequence[str] = (),
    subscribe: Sequence[str] = (),
    reply: Sequence[str] = (),
    request: Sequence[str] = (),
) -> None:
    """Add the profile of a node: the given names and those of every ROS node."""
    profile = ElementTree.SubElement(profiles, 'profile', ns=f'/{namespace.strip("/")}', node=node)
    own = [name for name in NODE_SERVICES if name not in LIFECYCLE_SERVICES]
    every = tuple(f'~/{name}' for name in (*own, *ROS_SERVICES))
    for kind, rule, names in (
        ('topic', 'publish', (*publish, *ROS_PUBLISHES)),
        ('topic', 'subscribe', (*subscribe, *ROS_SUBSCRIBES)),
        ('service', 'reply', (*reply, *every)),
        ('service', 'request', request),
    ):
        if names:
            rules = ElementTree.SubElement(profile, f'{kind}s', {rule: 'ALLOW'})
            for name in sorted(set(names)):
                ElementTree.SubElement(rules, kind).text = name


def _of(contract: NodeContract, name: str) -> str:
    """Return the name of a topic or service of a node as other nodes write it."""
    return name.replace('~', contract.name)


def _pattern(name: str) -> str:
    """Return the name of a topic with a wildcard for the id of a face."""
    return re.sub('<.*>', '*', name)


def main() -> None:
    """Print the policy of the namespace in the first argument."""
    print(policy_xml(*sys.argv[1:2]), end='')


if __name__ == '__main__':
    main()
