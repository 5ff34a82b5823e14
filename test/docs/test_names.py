"""Names in code spans of documents exist: topics, parameters, nodes, fields."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from support.documents import ROOT, blocks, code_spans, documents, name_of
from support.names import enclaves, known, parameters, topics, web_paths

from fer_ros.ros.contract import NODES

DOCUMENTS = [pytest.param(file, id=name_of(file)) for file in documents()]

#: Names of other packages, which are in no table of fer_ros.
FOREIGN = {
    'camera_ros',
    'cv_bridge',
    'dominant_emotion',
    'qos_overrides',
    'rmw_zenoh',
    'rqt_image_view',
    'std_srvs',
    'usb_cam',
}
#: Absolute names of other packages and of the file system.
FOREIGN_TOPICS = {
    '/clock',
    '/usb_cam/image_raw',
    '/usb_cam/image_raw/compressed',
    '/camera/image_raw',
}
#: Parameters that rclpy adds for each topic.
QOS_OVERRIDE = re.compile(
    r'qos_overrides\./[\w/]+\.(publisher|subscription)\.'
    r'(reliability|durability|history|depth)'
)
FILES = ('/dev/', '/proc/', '/etc/')


def spans(file: Path) -> list[str]:
    return code_spans(file.read_text(encoding='utf-8'))


@pytest.mark.parametrize('file', DOCUMENTS)
def test_a_name_in_code_exists(file: Path):
    for span in spans(file):
        if re.fullmatch(r'[a-z][a-z0-9]*(_[a-z0-9]+)+', span):
            assert span in known() | FOREIGN, f'`{span}` is no name of ours'


@pytest.mark.parametrize('file', DOCUMENTS)
def test_an_argument_in_code_exists(file: Path):
    for span in spans(file):
        for name in re.findall(r'(?<![\w/.])([a-z_]+):=', span):
            assert name in parameters() | topics() | {'name', 'from', '__ns', 'image_raw'}, span


@pytest.mark.parametrize('file', DOCUMENTS)
def test_an_absolute_topic_or_web_path_in_code_exists(file: Path):
    ours = topics() | set(NODES)
    for span in spans(file):
        if re.fullmatch(r'/[a-z_]+(/[a-z_]+)*', span) and not span.startswith(FILES):
            relative = span.strip('/')
            others = FOREIGN_TOPICS | web_paths() | enclaves()
            assert span in others or relative in ours or (relative.rpartition('/')[2] in ours), (
                f'`{span}` is no topic of ours'
            )


@pytest.mark.parametrize('file', DOCUMENTS)
def test_parameter_files_in_documents_name_existing_nodes_and_parameters(file: Path):
    for block in blocks(file.read_text(encoding='utf-8')):
        if block.language != 'yaml' or 'ros__parameters' not in block.text:
            continue
        for node, content in yaml.safe_load(block.text).items():
            table = {p.name: p for p in NODES[node.rpartition('/')[2]].parameters}
            given = content['ros__parameters']
            for topic in given.pop('qos_overrides', {}):
                # Of another driver, as the text around it says.
                assert topic.startswith('/')
            for name, value in given.items():
                assert QOS_OVERRIDE.fullmatch(name) or (
                    type(value) is type(table[name].default)
                ), name


@pytest.mark.parametrize('file', DOCUMENTS)
def test_a_test_in_code_exists(file: Path):
    for span in spans(file):
        if match := re.fullmatch(r'(test/[\w/]+\.py)(?:::(?:(\w+)::)?(\w+))?', span):
            path, group, name = match.groups()
            text = (ROOT / path).read_text(encoding='utf-8')
            for definition in filter(None, (group, name)):
                assert re.search(rf'^ *(def|class) {definition}\b', text, re.M), span


def test_contributing_lists_every_target_of_make():
    makefile = (ROOT / 'Makefile').read_text(encoding='utf-8')
    (line,) = re.findall(r'^\.PHONY: (.+)$', makefile, re.M)
    page = (ROOT / 'CONTRIBUTING.md').read_text(encoding='utf-8')
    listed = re.findall(r'^\| `make ([\w-]+)` \|', page, re.M)
    assert sorted(listed) == sorted(set(line.split()) - {'help'})
