"""classify: pictures on the terminal, without ROS."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_ros.cli import classify
from fer_ros.core.models import DEFAULT_MODEL


@pytest.fixture(scope='module')
def portrait(photographs) -> Path:
    return photographs / 'astronaut.png'


def test_scores_are_ranked_for_each_face(portrait, capsys):
    assert classify.main([str(portrait)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f'{portrait}: 1 face (512x512, model {DEFAULT_MODEL})'
    assert lines[1].startswith('  face1: happy, ')
    scores = [float(line.split()[1].rstrip('%')) for line in lines[2:]]
    assert len(scores) == 7
    assert scores == sorted(scores, reverse=True)


def test_the_annotated_picture_is_written(portrait, tmp_path):
    output = tmp_path / 'out.jpg'
    assert classify.main([str(portrait), '--output', str(output)]) == 0
    assert cv2.imread(str(output)).shape == (512, 512, 3)


def test_one_broken_picture_among_several_is_named_and_the_others_are_done(
        portrait, tmp_path, capsys):
    broken = tmp_path / 'broken.png'
    broken.write_text('no picture')
    empty = tmp_path / 'wall.png'
    cv2.imwrite(str(empty), np.full((100, 100, 3), 90, np.uint8))
    code = classify.main([str(broken), str(empty), str(portrait), '--output', str(tmp_path)])
    assert code == 1
    told = capsys.readouterr()
    assert f'classify: {broken} cannot be decoded' in told.err
    assert f'{empty}: no faces' in told.out
    assert 'face1: happy' in told.out
    assert (tmp_path / 'astronaut_annotated.png').is_file()
    assert not (tmp_path / 'broken_annotated.png').exists()


@pytest.mark.parametrize(('arguments', 'message'), [
    (['a.png', '--output', 'a.txt'], 'name a file that ends in .png'),
    (['a.png', 'b.png', '--output', 'nowhere'], 'nowhere is no folder'),
    (['a.png', '--model', 'nowhere'], 'nowhere'),
    (['nowhere.png'], 'nowhere.png cannot be read (No such file or directory)')])
def test_what_is_wrong_is_said_in_one_line(arguments, message, capsys):
    assert classify.main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith('classify: ')
    assert message in error


def test_it_needs_no_ros(portrait):
    """In a Python that cannot import rclpy."""
    program = (
        'import sys; sys.modules["rclpy"] = None\n'
        'from fer_ros.executables import main\n'
        f'sys.argv = ["fer_ros", "classify", {str(portrait)!r}]\n'
        'sys.exit(main())')
    run = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert 'happy' in run.stdout
