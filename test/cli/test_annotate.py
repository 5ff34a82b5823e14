"""annotate from the command line: bad inputs, interruptions, a full disk, worker processes."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.annotating import contents, end, finished, start
from support.clips import face_at, walk, write_clip
from support.limits import with_small_files
from support.proc import alive, children
from support.waiting import wait_for

pytest.importorskip('tqdm', reason='no tqdm; see requirements/runtime.txt')

from fer_ros.cli import annotate
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.offline.running.annotate import annotate as annotate_one
from fer_ros.offline.running.journal import BLOCK
from fer_ros.offline.running.processes import Report
from fer_ros.offline.running.shared_models import SharedModels

FRAMES = 15
CLIPS = ('a.avi', 'b.avi', 'c.avi')


@pytest.fixture(scope='module')
def folder(photographs, tmp_path_factory) -> Path:
    """Three clips of different lengths and a picture."""
    folder = tmp_path_factory.mktemp('inputs') / 'trip'
    folder.mkdir()
    for number, name in enumerate(CLIPS):
        stills = face_at(
            photographs, walk((260, 240), (380, 240), FRAMES * (number + 1)), face_height=170
        )
        write_clip(folder / name, (cv2.resize(s.image, (240, 180)) for s in stills))
    cv2.imwrite(str(folder / 'wall.png'), np.full((60, 80, 3), 90, np.uint8))
    return folder


@pytest.fixture(scope='module')
def undisturbed(folder, tmp_path_factory) -> dict[str, bytes]:
    """The results of one process on the folder."""
    out = tmp_path_factory.mktemp('undisturbed') / 'out'
    code, output = end(start([folder, '--out', out, '--jobs', 1]))
    assert code == 0, output
    assert f'{6 * FRAMES + 1} frames in' in output
    assert 'annotated videos have no sound' in output
    return contents(out)


@pytest.fixture
def run_here(monkeypatch, capsys):
    """Run the command in this process if nothing has to be killed; return code and output."""

    def run_inputs(inputs, output, settings, jobs):
        models = SharedModels(settings)
        for one in inputs:
            yield Report(one.name, outcome=annotate_one(one, output, models))

    monkeypatch.setattr('fer_ros.offline.running.processes.run_inputs', run_inputs)
    monkeypatch.setattr(annotate.signal, 'signal', lambda *_: None)

    def run(*arguments: object) -> tuple[int, str]:
        code = annotate.main([*map(str, arguments)])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def test_combined_tables_contain_the_tables_of_each_input(undisturbed):
    rows = list(csv.DictReader(undisturbed['faces.csv'].decode().splitlines()))
    inputs = [row['input'] for row in rows]
    assert [inputs.count(f'trip/{name}') for name in CLIPS] == [FRAMES, 2 * FRAMES, 3 * FRAMES]
    assert inputs.count('trip/wall.png') == 1
    lines = undisturbed['frames.jsonl'].splitlines()
    assert len(lines) == 6 * FRAMES + 1
    assert undisturbed['inputs/trip/b.avi/frames.jsonl'].splitlines() == [
        line for line in lines if json.loads(line)['input'] == 'trip/b.avi'
    ]
    summary = json.loads(undisturbed['summary.json'])
    assert (summary['inputs'], summary['frames']) == (4, 6 * FRAMES + 1)
    assert sum(summary['labels'].values()) == 6 * FRAMES
    assert b'trip/c.avi' in undisturbed['chart.svg']


def test_two_processes_write_the_same_results_as_one(folder, undisturbed, tmp_path):
    code, output = end(start([folder, '--out', tmp_path / 'out', '--jobs', 2]))
    assert code == 0, output
    assert contents(tmp_path / 'out') == undisturbed


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_run_continues_and_gives_the_same_results(
    folder, undisturbed, tmp_path, number
):
    out = tmp_path / 'out'
    process = start([folder, '--out', out, '--jobs', 1])
    wait_for(lambda: finished(out), 'a first finished input')
    workers = children(process.pid)
    process.send_signal(number)
    code, output = end(process)
    wait_for(lambda: not any(map(alive, workers)), 'the end of the workers')
    done = finished(out)
    assert 0 < len(done) < 4
    assert not (out / 'faces.csv').exists(), 'no table of all before all are done'
    if number == signal.SIGINT:
        assert code == 128 + signal.SIGINT
        assert 'run the same command again' in output
        assert not (out / '.parts').exists()
    before = {name: (out / 'inputs' / name).stat().st_ino for name in done}
    code, output = end(start([folder, '--out', out, '--jobs', 1]))
    assert code == 0, output
    assert f'{len(done)} already finished' in output
    assert {name: (out / 'inputs' / name).stat().st_ino for name in done} == before
    assert contents(out) == undisturbed


def test_a_video_continues_where_a_killed_run_stopped(photographs, tmp_path):
    stills = face_at(photographs, walk((260, 240), (380, 240), 2 * BLOCK + 10), face_height=170)
    clip = write_clip(tmp_path / 'long.avi', (cv2.resize(s.image, (160, 120)) for s in stills))
    code, output = end(start([clip, '--out', tmp_path / 'whole']))
    assert code == 0, output
    out = tmp_path / 'out'
    killed = start([clip, '--out', out])
    wait_for(lambda: list(out.glob('.unfinished/*/0.json')), 'a block of frames')
    killed.kill()
    killed.communicate()
    assert not finished(out)
    code, output = end(start([clip, '--out', out]))
    assert code == 0, output
    assert re.search(r'long\.avi continues after (50|100) frames of an earlier run', output)
    assert contents(out) == contents(tmp_path / 'whole')
    assert not (out / '.unfinished').exists()


def test_a_dead_worker_costs_its_input_only(folder, undisturbed, tmp_path):
    out = tmp_path / 'out'
    process = start([folder, '--out', out, '--jobs', 1])
    # The longest is first: its worker has a log as soon as it works.
    wait_for(lambda: list(out.glob('.parts/*/tables/frames.jsonl')), 'work on the first input')
    (log,) = out.glob('.parts/*.log')
    os.kill(int(log.stem), signal.SIGKILL)
    code, output = end(process)
    assert code == 1
    assert 'trip/c.avi: its process ended by signal SIGKILL' in output
    assert finished(out) == {'trip/a.avi', 'trip/b.avi', 'trip/wall.png'}
    assert 'trip/c.avi' in json.loads((out / 'summary.json').read_text())['failures']
    code, output = end(start([folder, '--out', out]))
    assert code == 0, output
    assert contents(out) == undisturbed


def test_bad_inputs_are_reported_once_with_reasons_and_the_others_are_processed(
    run_here, folder, tmp_path
):
    (tmp_path / 'text.mp4').write_text('no video')
    (tmp_path / 'half.avi').write_bytes((folder / 'a.avi').read_bytes()[:30_000])
    code, output = run_here(
        tmp_path / 'text.mp4',
        tmp_path / 'nowhere.png',
        folder / 'wall.png',
        tmp_path / 'half.avi',
        '--out',
        tmp_path / 'out',
        '--no-pictures',
    )
    assert code == 1
    assert '2 inputs failed, 1 input incomplete: see the reasons above' in output
    missing = (
        f'failed: {tmp_path}/nowhere.png: the file cannot be read (No such file or directory)'
    )
    for reason in (missing, 'text.mp4: cannot read', 'half.avi: '):
        assert output.count(reason) == 1
    assert 'truncated or damaged' in output
    assert {name.rpartition('/')[2] for name in finished(tmp_path / 'out')} == {
        'wall.png',
        'half.avi',
    }
    assert not (tmp_path / 'out/annotated').exists()


@pytest.mark.parametrize('name', [b'100% %02d.png', b'<b> & "c", d.png', b'\xff\xfe.png'])
def test_any_picture_file_name_is_accepted(run_here, folder, tmp_path, name):
    trip = tmp_path / 'trip'
    trip.mkdir()
    path = os.path.join(os.fsencode(trip), name)
    with open(path, 'wb') as file:
        file.write((folder / 'wall.png').read_bytes())
    code, output = run_here(trip, folder / 'a.avi', '--out', tmp_path / 'out')
    assert code == 0, output
    with (tmp_path / 'out/faces.csv').open('rb') as file:
        assert len(file.readlines()) == 1 + 1 + FRAMES
    (annotated,) = (tmp_path / 'out/annotated').rglob('*.png')
    assert os.fsencode(annotated.name) == name


@pytest.mark.parametrize('name', [b'caf\xe9.avi', b'\xff%d.mp4'])
def test_any_video_file_name_is_accepted(run_here, folder, tmp_path, name):
    trip = tmp_path / 'trip'
    trip.mkdir()
    with open(os.path.join(os.fsencode(trip), name), 'wb') as file:
        file.write((folder / 'a.avi').read_bytes())
    code, output = run_here(trip, folder / 'wall.png', '--out', tmp_path / 'out')
    assert code == 0, output
    # Other programs, such as pandas, read tables and lines only as UTF-8.
    shown = f'trip/{name.decode(errors="backslashreplace")}'.replace('\\x', '\\udc')
    with (tmp_path / 'out/faces.csv').open(encoding='utf-8', newline='') as file:
        assert sum(row['input'].endswith(shown) for row in csv.DictReader(file)) == FRAMES
    lines = (tmp_path / 'out/frames.jsonl').read_bytes().splitlines()
    assert sum(json.loads(line)['input'].endswith(shown) for line in lines) == FRAMES


def test_a_changed_file_is_processed_again_and_no_other(run_here, folder, tmp_path):
    trip = tmp_path / 'trip'
    trip.mkdir()
    for name in ('one.png', 'two.png'):
        (trip / name).write_bytes((folder / 'wall.png').read_bytes())
    assert run_here(trip, '--out', tmp_path / 'out')[0] == 0
    cv2.imwrite(str(trip / 'two.png'), np.full((30, 40, 3), 90, np.uint8))
    code, output = run_here(trip, '--out', tmp_path / 'out')
    assert code == 0
    assert '2 inputs, 1 already finished' in output
    lines = map(json.loads, (tmp_path / 'out/frames.jsonl').read_text().splitlines())
    assert {line['input']: line['width'] for line in lines} == {
        'trip/one.png': 80,
        'trip/two.png': 40,
    }


def test_results_with_other_settings_are_not_mixed(run_here, folder, tmp_path):
    arguments = [folder / 'wall.png', '--out', tmp_path / 'out']
    assert run_here(*arguments)[0] == 0
    before = contents(tmp_path / 'out')
    code, output = run_here(*arguments, '--confidence', 0.55)
    assert code == 1
    before_it = DetectorConfig().confidence
    assert f'contains results made with confidence {before_it} instead of 0.55' in output
    assert '--again' in output
    assert contents(tmp_path / 'out') == before
    assert run_here(*arguments, '--confidence', 0.55, '--again')[0] == 0
    assert (
        json.loads((tmp_path / 'out/manifest.json').read_text())['settings']['confidence'] == 0.55
    )


def test_results_of_inputs_that_are_not_given_stay_and_are_not_counted(run_here, folder, tmp_path):
    assert run_here(folder / 'wall.png', folder / 'a.avi', '--out', tmp_path / 'out')[0] == 0
    code, output = run_here(folder / 'wall.png', '--out', tmp_path / 'out')
    assert code == 0
    assert 'also contains results of 1 input outside this run' in output
    assert finished(tmp_path / 'out') == {'wall.png', 'a.avi'}
    assert json.loads((tmp_path / 'out/summary.json').read_text())['inputs'] == 1


def test_a_full_disk_ends_the_run_with_an_error_and_a_later_run_continues(
    folder, undisturbed, tmp_path
):
    """A limit on the size of files simulates a full disk."""
    out = tmp_path / 'out'
    smallest, largest = (
        len(undisturbed[f'annotated/trip/{name}.mp4']) for name in (CLIPS[0], CLIPS[2])
    )
    assert smallest < largest
    code, output = end(
        start(
            [folder, '--out', out, '--jobs', 1],
            prefix=with_small_files(largest // 2048),
        )
    )
    assert code == 1
    assert 'was not written completely' in output or f'cannot write into {out}' in output
    assert finished(out) < {'trip/a.avi', 'trip/b.avi', 'trip/c.avi', 'trip/wall.png'}
    code, output = end(start([folder, '--out', out]))
    assert code == 0, output
    assert contents(out) == undisturbed


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['nowhere.png', '--out', 'out'], 'there is nothing to annotate'),
        (['.', '--out', '.'], 'contains other files'),
        (
            ['.', '--out', 'wall.png'],
            '/wall.png (File exists): a part of this path is a file: name',
        ),
        (['.', '--out', 'wall.png/out'], '(Not a directory): a part of this path is a file: name'),
        (['.', '--out', 'out', '--model', 'nobody'], "no model 'nobody'"),
        (['.', '--out', 'out', '--dask', 'somewhere'], 'not the address of a Dask scheduler'),
    ],
)
def test_an_error_is_one_line(run_here, folder, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'wall.png').write_bytes((folder / 'wall.png').read_bytes())
    code, output = run_here(*arguments)
    assert code == 1
    assert 'annotate: ' in output
    assert message in output
    assert not finished(tmp_path)


@pytest.mark.parametrize(
    'arguments',
    [
        ['a.png'],
        ['--out', 'out'],
        ['a.png', '--out', 'o', '--jobs', '0'],
        ['a.png', '--out', 'o', '--confidence', '2'],
    ],
)
def test_a_contradictory_command_line_is_refused(arguments):
    with pytest.raises(SystemExit) as leave:
        annotate.main(arguments)
    assert leave.value.code == 2
