"""annotate on a Dask cluster of this machine: a real scheduler and real workers on loopback."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import pytest
from support.annotating import contents, end, start
from support.clips import face_at, walk, write_clip
from support.waiting import wait_for

from fer_ros.core.errors import FerError
from fer_ros.offline.inputs.finding import find_inputs
from fer_ros.offline.results.output import OutputFolder

pytest.importorskip('distributed', reason='no Dask; see requirements/dask.txt')

from fer_ros.offline.running.cluster import check_worker, run_inputs, work

FRAMES = 40


def address_in(file: Path) -> str:
    """Return the address that a scheduler has written; empty while it is incomplete."""
    try:
        return str(json.loads(file.read_text())['address'])
    except (OSError, ValueError):
        return ''


class Cluster:
    """A scheduler and workers that can start and end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scheduler = self._dask(
            'dask_scheduler',
            [
                '--port',
                '0',
                '--host',
                '127.0.0.1',
                '--scheduler-file',
                str(folder / 'scheduler.json'),
            ],
        )
        self._workers: list[subprocess.Popen] = []
        wait_for(lambda: address_in(folder / 'scheduler.json'), 'the scheduler')
        self.address = address_in(folder / 'scheduler.json')

    def add_worker(self, environment: dict[str, str] | None = None) -> subprocess.Popen:
        worker = self._dask(
            'dask_worker',
            [
                self.address,
                '--no-nanny',
                '--nthreads',
                '1',
                '--local-directory',
                str(self._folder),
            ],
            environment,
        )
        self._workers.append(worker)
        return worker

    def wait_for_workers(self, count: int) -> None:
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            wait_for(lambda: len(client.scheduler_info()['workers']) == count, f'{count} workers')

    def dismiss_workers(self) -> None:
        for worker in self._workers:
            _end(worker)
        self._workers.clear()
        self.wait_for_workers(0)

    def close(self) -> None:
        for process in (*self._workers, self._scheduler):
            _end(process)

    def _dask(
        self, what: str, arguments: Sequence[str], environment: dict[str, str] | None = None
    ) -> subprocess.Popen:
        with (self._folder / f'{what}.log').open('a') as log:
            return subprocess.Popen(
                [sys.executable, '-m', f'distributed.cli.{what}', *arguments, '--no-dashboard'],
                cwd=self._folder,
                env=environment,
                stdout=log,
                stderr=log,
            )


def _end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


@pytest.fixture(scope='module')
def scheduler(tmp_path_factory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp('cluster'))
    yield cluster
    cluster.close()


@pytest.fixture
def cluster(scheduler) -> Iterator[Cluster]:
    yield scheduler
    scheduler.dismiss_workers()


@pytest.fixture(scope='module')
def folder(photographs, tmp_path_factory) -> Path:
    """Four clips of equal length, so that all workers are busy."""
    folder = tmp_path_factory.mktemp('inputs') / 'trip'
    folder.mkdir()
    for name in 'abcd':
        stills = face_at(photographs, walk((260, 240), (380, 240), FRAMES), face_height=170)
        write_clip(folder / f'{name}.avi', (cv2.resize(s.image, (240, 180)) for s in stills))
    return folder


def test_a_dead_worker_loses_nothing_and_results_equal_those_of_one_machine(
    cluster, folder, tmp_path
):
    first, _ = cluster.add_worker(), cluster.add_worker()
    cluster.wait_for_workers(2)
    out = tmp_path / 'out'
    process = start([folder, '--out', out, '--dask', cluster.address])
    wait_for(lambda: len(list(out.glob('.parts/*/tables'))) >= 2, 'both workers at work')
    first.send_signal(signal.SIGKILL)
    code, output = end(process)
    assert code == 0, output
    assert f'{4 * FRAMES} frames in' in output
    code, output = end(start([folder, '--out', tmp_path / 'here', '--jobs', 1]))
    assert code == 0, output
    assert contents(out) == contents(tmp_path / 'here')


def test_a_worker_without_fer_ros_is_named_before_any_work(cluster, folder, tmp_path):
    bare = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    found = subprocess.run(
        [sys.executable, '-c', 'import fer_ros'],
        cwd=tmp_path,
        env=bare,
        capture_output=True,
        check=False,
    )
    if found.returncode == 0:
        pytest.skip('fer_ros is installed in this Python: no worker can be without it')
    cluster.add_worker()
    cluster.add_worker(bare)
    cluster.wait_for_workers(2)
    code, output = end(start([folder, '--out', tmp_path / 'out', '--dask', cluster.address]))
    assert code == 1
    assert '1 of 2 Dask workers cannot annotate' in output
    assert "No module named 'fer_ros': install fer_ros there" in output
    assert 'Traceback' not in output
    assert not list((tmp_path / 'out').rglob('faces.csv'))


def test_a_worker_that_cannot_reach_the_folders_names_them(clip, settings, tmp_path):
    with OutputFolder(tmp_path / 'out').locked(), OutputFolder(tmp_path / 'out').wanted() as mark:
        assert check_worker(mark, clip, settings) is None
        nowhere = Path('/nowhere/out/.parts/mark')
        assert 'cannot read /nowhere/out/.parts/mark: the results folder must be in a' in (
            check_worker(nowhere, clip, settings) or ''
        )
        assert 'the inputs must be in a folder that' in (
            check_worker(mark, Path('/nowhere/clip.mp4'), settings) or ''
        )


def test_a_worker_with_other_software_or_models_is_reported(clip, settings, tmp_path):
    other = dataclasses.replace(settings, software={**settings.software, 'numpy': '1.0'})
    altered = dataclasses.replace(settings, hashes=('0' * 64,))
    with OutputFolder(tmp_path / 'out').locked(), OutputFolder(tmp_path / 'out').wanted() as mark:
        assert 'it has software (fer_ros' in (check_worker(mark, clip, other) or '')
        assert 'install the same models on all machines' in (
            check_worker(mark, clip, altered) or ''
        )


def test_a_worker_stops_when_the_results_are_no_longer_needed(
    clip, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr('fer_ros.offline.running.cluster._threads', lambda: 1)
    monkeypatch.setattr('fer_ros.offline.running.cluster.WANTED_PERIOD', 0.0)
    one = find_inputs([clip], [], tmp_path).inputs[0]
    output = OutputFolder(tmp_path / 'out')
    with output.locked():
        with output.wanted() as mark:
            pass
        assert work(one, output.folder, settings, mark).failure == 'it was stopped'
        assert not output.results(one).exists()


def test_a_scheduler_that_does_not_answer_is_named(settings, tmp_path, monkeypatch):
    monkeypatch.setattr('fer_ros.offline.running.cluster.TIMEOUT', 0.5)
    with pytest.raises(FerError, match=r'no Dask scheduler answers at tcp://127\.0\.0\.1:1 '):
        run_inputs([], OutputFolder(tmp_path), settings, 'tcp://127.0.0.1:1')
