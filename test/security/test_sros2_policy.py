"""config/sros2_policy.xml: each process has exactly the rights of the contract."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fer_ros.executables import EXECUTABLES
from fer_ros.ros.bringup.arguments import LAUNCHES
from fer_ros.ros.bringup.plan import plan
from fer_ros.ros.contract import NODE_SERVICES, NODES
from fer_ros.ros.contract.sros2_policy import CONTROLLED, policy_xml

POLICY = Path(__file__).resolve().parents[2] / 'config' / 'sros2_policy.xml'
#: Of ROS itself, for every node.
OF_ROS = {'/rosout', '/parameter_events', '~/transition_event', '/clock'}
PICTURES = {
    topic.name.replace('<face_id>', '*')
    for node in NODES.values()
    for topic in node.publishes
    if topic.picture
}
SECURED = {'ROS_SECURITY_ENABLE': 'true'}


def enclaves(text: str | None = None) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(text or POLICY.read_text(encoding='utf-8'))
    return {enclave.attrib['path']: enclave for enclave in root.iter('enclave')}


def allowed(element: ElementTree.Element, kind: str, rule: str) -> set[str]:
    """Return the names of topics or services below an element that a rule allows."""
    return {
        str(entry.text)
        for rules in element.iter(f'{kind}s')
        if rules.get(rule) == 'ALLOW'
        for entry in rules
    }


def test_the_policy_file_equals_the_contract():
    assert POLICY.read_text(encoding='utf-8') == policy_xml(), (
        'run python -m fer_ros.ros.contract_text'
    )


@pytest.mark.parametrize('node', NODES.values(), ids=NODES)
def test_a_separate_node_has_exactly_the_rights_of_its_contract(node):
    enclave = enclaves()[f'/fer_ros/{node.name}']
    (profile,) = enclave.iter('profile')
    assert profile.attrib == {'ns': '/', 'node': node.name}
    published = {re.sub('<.*>', '*', topic.name) for topic in node.publishes}
    assert allowed(profile, 'topic', 'publish') - OF_ROS == published
    assert allowed(profile, 'topic', 'subscribe') - OF_ROS == {
        topic.name for topic in node.subscribes if not topic.name.startswith('<')
    }
    services = {f'~/{name}' for name in NODE_SERVICES} | {s.name for s in node.services}
    assert allowed(profile, 'service', 'reply') - {'~/get_type_description'} == services
    controls = set(CONTROLLED) if node is NODES['web_node'] else set()
    assert allowed(profile, 'service', 'request') == controls


def test_only_nodes_that_publish_images_have_the_right():
    for path, enclave in enclaves().items():
        pictures = allowed(enclave, 'topic', 'publish') & PICTURES
        process = path.rpartition('/')[2]
        if process in NODES:
            expected = {topic.name for topic in NODES[process].publishes if topic.picture}
            assert pictures == {name.replace('<face_id>', '*') for name in expected}
        elif process != 'single_process':
            assert not pictures, path


def test_the_private_process_has_no_right_to_images():
    enclave = enclaves()['/fer_ros/single_process_private']
    topics = allowed(enclave, 'topic', 'publish') | allowed(enclave, 'topic', 'subscribe')
    assert not topics & PICTURES
    assert {'face_emotions', 'expression_events', '~/enabled'} <= topics
    assert allowed(enclave, 'topic', 'subscribe') - OF_ROS == {'/tf', '/tf_static'}


def test_a_robot_program_receives_results_and_switches_the_camera_only():
    enclave = enclaves()['/fer_ros/robot_program']
    assert allowed(enclave, 'topic', 'publish') <= OF_ROS
    assert not allowed(enclave, 'topic', 'subscribe') & PICTURES
    assert allowed(enclave, 'service', 'request') == {'camera_node/enable'}


def test_wildcards_are_used_only_for_face_and_person_ids():
    for enclave in enclaves().values():
        for entry in [*enclave.iter('topic'), *enclave.iter('service')]:
            name = str(entry.text)
            for known in ('/humans/faces/*/', '/humans/persons/*/'):
                name = name.replace(known, '')
            assert '*' not in name


@pytest.mark.parametrize('launch', LAUNCHES)
def test_every_process_of_a_launch_has_an_enclave_of_the_policy(launch):
    given = {name: 'true' for name in ('overlay', 'markers') if name in LAUNCHES[launch][0]}
    for namespace in ('', '/robot1/'):
        paths = enclaves(policy_xml(namespace))
        for process in plan(launch, {**given, 'namespace': namespace}, SECURED):
            assert process.enclave in paths
            assert process.command()[-2:] == ['--enclave', process.enclave]
    for process in plan(launch, given, {}):
        assert process.enclave == ''
        assert '--enclave' not in process.command()


def test_privacy_runs_in_the_private_enclave():
    (process,) = plan('pipeline', {'privacy': 'true'}, SECURED)
    assert process.enclave == '/fer_ros/single_process_private'
    (process,) = plan('pipeline', {'single_process': 'true'}, SECURED)
    assert process.enclave == '/fer_ros/single_process'


def test_enclaves_are_named_after_executables():
    for path in enclaves():
        name = path.removeprefix('/fer_ros/')
        assert name in EXECUTABLES or name in ('single_process_private', 'robot_program')


def test_the_policy_follows_the_schema_of_sros2():
    """The rules of sros2's policy.xsd. The file itself is validated if sros2 is installed."""
    root = ElementTree.fromstring(POLICY.read_text(encoding='utf-8'))
    assert (root.tag, root.attrib) == ('policy', {'version': '0.2.0'})
    (group,) = root
    assert group.tag == 'enclaves'
    for enclave in group:
        (profiles,) = enclave
        assert (enclave.tag, set(enclave.attrib), profiles.tag) == (
            'enclave',
            {'path'},
            'profiles',
        )
        for profile in profiles:
            assert (profile.tag, set(profile.attrib)) == ('profile', {'ns', 'node'})
            assert {rules.tag for rules in profile} <= {'topics', 'services'}
            for rules in profile:
                ((rule, qualifier),) = rules.items()
                assert (
                    rule
                    in {'topics': ('publish', 'subscribe'), 'services': ('reply', 'request')}[
                        rules.tag
                    ]
                )
                assert qualifier == 'ALLOW'
                assert {entry.tag for entry in rules} == {rules.tag[:-1]}
                assert all(entry.text for entry in rules)


def test_sros2_accepts_the_policy():
    policy = pytest.importorskip(
        'sros2.policy', reason='no sros2: it comes with a ROS distribution'
    )
    policy.load_policy(POLICY)
