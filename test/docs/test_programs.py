"""Python programs in documents compile, import existing names, and the short ones run.

The programs that need a running pipeline or a recording are run by test/ros.
"""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys

import pytest
from support.clips import face_at, walk, write_clip
from support.documents import ROOT, blocks, documented_program, documents, name_of

PROGRAMS = [
    pytest.param(block.text, id=f'{name_of(file)}-{index}')
    for file in documents()
    for index, block in enumerate(blocks(file.read_text(encoding='utf-8')))
    if block.language == 'python'
]


@pytest.mark.parametrize('program', PROGRAMS)
def test_a_program_compiles_and_its_imports_exist(program: str):
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = pytest.importorskip(node.module)
            for name in node.names:
                assert hasattr(module, name.name), f'{node.module} has no {name.name}'
        elif isinstance(node, ast.Import):
            for name in node.names:
                importlib.import_module(name.name)


def test_no_program_is_shown_twice():
    programs = [param.values[0] for param in PROGRAMS]
    assert len(set(programs)) == len(programs)


def test_the_program_without_ros_reports_new_faces(tmp_path, photographs):
    stills = face_at(photographs, walk((200, 240), (300, 240), 20))
    write_clip(tmp_path / 'clip.mp4', (still.image for still in stills))
    result = subprocess.run(
        [sys.executable, '-c', documented_program('with create_source(')],
        cwd=tmp_path,
        env={'PYTHONPATH': str(ROOT), 'PATH': '', 'HOME': str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.split()[1:2] == ['APPEARED'], result.stderr
