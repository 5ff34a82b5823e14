"""classify: pictures on the terminal, without ROS."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.clips import write_clip
from support.photographs import encode

import fer_ros
from fer_ros.cli import classify
from fer_ros.core.models import DEFAULT_MODEL


def test_scores_are_ranked_for_each_face(portrait, capsys):
    assert classify.main([str(portrait)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f'{portrait}: 1 face (512x512, model {DEFAULT_MODEL})'
    assert lines[1].startswith('  face1: happy, ')
    scores = [float(line.split()[1].rstrip('%')) for line in lines[2:9]]
    assert len(scores) == 7
    assert scores == sorted(scores, reverse=True)
    (face,) = fer_ros.analyze(portrait)
    place = face.position
    (where,) = lines[9:]
    assert where.startswith(f'    position ({place.x:.2f}, {place.y:.2f}, {place.z:.2f}) m')
    if face.head_pose is not None:
        assert where.endswith(
            f', yaw {face.yaw:.0f}, pitch {face.pitch:.0f}, roll {face.roll:.0f} degrees, '
            f'attention {face.attention:.1%}'
        )


def test_the_annotated_picture_is_written(portrait, tmp_path):
    output = tmp_path / 'out.jpg'
    assert classify.main([str(portrait), '--output', str(output)]) == 0
    assert cv2.imread(str(output)).shape == (512, 512, 3)


def test_one_broken_picture_is_named_and_the_others_are_classified(portrait, tmp_path, capsys):
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


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['a.png', '--output', 'a.txt'], 'name a file that ends in .png'),
        (['a.png', 'b.png', '--output', 'both.png'], 'both.png is not a folder'),
        (['a.png', '--model', 'nowhere'], 'nowhere'),
        (['a.png', 'b.png', '--output', __file__], 'is not a folder'),
        (['.'], '. is a folder: name a file in it; for videos and folders, use annotate'),
        (['x' * 300], 'cannot be read (File name too long)'),
        (['/dev/zero'], '/dev/zero cannot be decoded: it is not a picture'),
        (['nowhere.png'], 'there is no file nowhere.png (current folder: '),
    ],
)
def test_an_error_is_one_line(arguments, message, capsys):
    assert classify.main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith('classify: ')
    assert message in error


def test_a_video_is_refused_with_the_command_for_videos(tmp_path, capsys):
    clip = write_clip(tmp_path / 'a.avi', [np.zeros((48, 64, 3), np.uint8)])
    assert classify.main([str(clip)]) == 1
    assert capsys.readouterr().err.endswith('; for videos and folders, use annotate\n')


def test_results_and_errors_have_the_order_of_the_pictures(tmp_path):
    cv2.imwrite(str(tmp_path / 'wall.png'), np.full((100, 100, 3), 90, np.uint8))
    run = subprocess.run(
        [sys.executable, '-m', 'fer_ros', 'classify', 'wall.png', 'missing.png'],
        cwd=tmp_path,
        # `python -m` finds the package of this checkout from any folder.
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    first, second = run.stdout.splitlines()
    assert first.startswith('wall.png: no faces')
    assert 'missing.png' in second


def test_classify_works_without_ros(portrait):
    """rclpy cannot be imported here."""
    program = (
        'import sys; sys.modules["rclpy"] = None\n'
        'from fer_ros.executables import main\n'
        f'sys.argv = ["fer_ros", "classify", {str(portrait)!r}]\n'
        'sys.exit(main())'
    )
    run = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert 'happy' in run.stdout


def photograph(path: Path, portrait: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(portrait.read_bytes())
    return path


def test_pictures_with_the_same_name_get_separate_files(portrait, tmp_path, capsys):
    out = tmp_path / 'out'
    names = ('a/img.jpg', 'b/img.png', 'b/img.webp', 'b/img.png.jpg')
    pictures = [str(photograph(tmp_path / name, portrait)) for name in names]
    assert classify.main([*pictures, pictures[0], '--output', str(out)]) == 0
    written = {path.relative_to(out).as_posix() for path in out.rglob('*.png')}
    assert written == {f'{name}_annotated.png' for name in names}
    assert capsys.readouterr().out.count('wrote ') == 4


def test_a_folder_that_is_a_file_is_an_error(portrait, tmp_path, capsys):
    file = tmp_path / 'results'
    file.write_text('mine')
    assert classify.main([str(portrait), '--output', str(file / 'out.png')]) == 1
    told = capsys.readouterr()
    assert 'wrote' not in told.out
    assert f'{file} already exists: name another file, or remove it' in told.err


def test_a_single_picture_is_written_into_a_folder_that_exists(portrait, tmp_path):
    """So `*.jpg` works for any number of files."""
    assert classify.main([str(portrait), '--output', str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ['astronaut_annotated.png']


@pytest.mark.parametrize('several', [False, True])
def test_existing_files_are_not_overwritten(portrait, tmp_path, several, capsys):
    pictures = [photograph(tmp_path / name, portrait) for name in ('a.png', 'b.png')]
    kept = tmp_path / ('b_annotated.png' if several else 'a.png')
    kept.write_bytes(b'an earlier result')
    arguments = [*map(str, pictures if several else pictures[:1])]
    output = tmp_path if several else kept
    assert classify.main([*arguments, '--output', str(output)]) == 1
    assert f'{kept} already exists: name another file, or remove it' in capsys.readouterr().err
    assert kept.read_bytes() == b'an earlier result'
    assert not (tmp_path / 'a_annotated.png').exists(), 'before anything is written'


@pytest.mark.parametrize(
    'environment',
    [
        {},
        {'LC_ALL': 'C', 'PYTHONUTF8': '0', 'PYTHONCOERCECLOCALE': '0'},
        {'PYTHONIOENCODING': 'utf-8:strict'},
        {'PYTHONIOENCODING': 'iso-8859-1:strict'},
    ],
    ids=['as it is', 'C', 'UTF-8', 'Latin 1'],
)
def test_a_name_that_is_not_utf8_is_read_printed_and_written(portrait, tmp_path, environment):
    picture = photograph(Path(os.fsdecode(os.fsencode(tmp_path) + b'/caf\xe9.png')), portrait)
    output = Path(os.fsdecode(os.fsencode(tmp_path) + b'/out\xe9.png'))
    missing = Path(os.fsdecode(os.fsencode(tmp_path) + b'/none\xe9.png'))
    run = subprocess.run(
        [sys.executable, '-m', 'fer_ros', 'classify', picture, '--output', output],
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert run.returncode == 0, run.stderr.decode(errors='replace')
    assert b'.png: 1 face' in run.stdout
    assert output.is_file()
    run = subprocess.run(
        [sys.executable, '-m', 'fer_ros', 'classify', missing],
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert run.returncode == 1
    assert b'Traceback' not in run.stderr
    assert b'there is no file' in run.stderr


def test_a_file_name_cannot_command_the_terminal(portrait, tmp_path, capsys):
    """annotate and the errors of all commands use the same function."""
    hostile = tmp_path / 'red\x1b[31m\x9b2J.jpg'
    hostile.write_bytes(portrait.read_bytes())
    broken = tmp_path / 'broken\x1b]0;title\x07.jpg'
    broken.write_text('no picture')
    assert classify.main([str(hostile), '--output', str(tmp_path / 'out\x1b[1m.jpg')]) == 0
    assert classify.main([str(broken)]) == 1
    output = ''.join(capsys.readouterr())
    assert all(character.isprintable() or character == '\n' for character in output)
    assert f'{tmp_path}/red\\x1b[31m\\x9b2J.jpg: 1 face' in output


@pytest.mark.parametrize('suffix', ['.heic', '.avif', '.gif', '.webp', '.tiff'])
def test_every_supported_format_gives_the_face(portrait, tmp_path, suffix, capsys):
    picture = tmp_path / f'photograph{suffix}'
    picture.write_bytes(encode(suffix, cv2.imread(str(portrait))))
    assert classify.main([str(picture)]) == 0
    assert 'face1: happy' in capsys.readouterr().out


def test_a_video_appended_to_a_photograph_changes_nothing(portrait, tmp_path, capsys):
    """As in a Motion Photo of a phone."""
    picture = tmp_path / 'motion.jpg'
    jpeg = cv2.imencode('.jpg', cv2.imread(str(portrait)))[1].tobytes()
    picture.write_bytes(jpeg + b'\0\0\0\x18ftypmp42' + bytes(20000))
    assert classify.main([str(picture)]) == 0
    assert 'face1: happy' in capsys.readouterr().out


def test_a_disk_that_is_full_leaves_no_part_of_a_picture(portrait, tmp_path, capsys):
    output = tmp_path / 'out.png'
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        assert classify.main([str(portrait), '--output', str(output)]) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert f'{output} cannot be written (File too large)' in capsys.readouterr().err
    assert not output.exists()
