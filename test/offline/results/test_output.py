"""The results folder contains finished results only, and other files are not changed."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import resource
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from support.proc import open_files

from fer_ros.core.errors import OutputError
from fer_ros.offline.inputs.finding import Input, find_inputs
from fer_ros.offline.results import output as output_module
from fer_ros.offline.results.one_input import Results
from fer_ros.offline.results.output import OutputFolder
from fer_ros.offline.running.shared_models import SharedModels
from fer_ros.offline.settings import Settings


@pytest.fixture
def one(clip, tmp_path) -> Input:
    return find_inputs([clip], [], tmp_path).inputs[0]


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob('*') if path.is_file()}


def write(
    output: OutputFolder,
    one: Input,
    text: str = 'whole',
    summary: dict[str, Any] | None = None,
) -> None:
    with output.part() as part:
        if summary is not None:
            (part.tables / 'summary.json').write_text(json.dumps(summary))
        part.annotated(one).write_text(text)
        (part.tables / 'faces.csv').write_text(text)
        part.commit(one)


def test_tables_that_cannot_be_created_are_closed(one, settings, tmp_path):
    output = OutputFolder(tmp_path / 'out')
    with output.locked(), output.part() as part:
        (part.tables / 'events.csv').mkdir()
        with pytest.raises(OutputError):
            Results(one, part, settings, 'model', ['happy'], [], 25.0)
        assert part.tables / 'faces.csv' not in open_files()


def test_a_file_system_that_can_only_be_read_is_named(tmp_path):
    with (
        pytest.raises(OutputError, match='is read-only: name a folder on another one'),
        output_module.output_errors(tmp_path),
    ):
        raise OSError(errno.EROFS, 'Read-only file system')


def test_no_file_has_its_final_name_before_it_is_complete(one, tmp_path):
    output = OutputFolder(tmp_path / 'out')
    with output.locked():
        with output.part() as part:
            part.annotated(one).write_text('half')
            (part.tables / 'faces.csv').write_text('half')
            assert not output.annotated(one).exists()
            assert not output.results(one).exists()
        assert files(output.folder) == set(), 'what is not committed is thrown away'
        write(output, one)
    assert files(output.folder) == {'annotated/clip.avi.mp4', 'inputs/clip.avi/faces.csv'}


def test_results_of_another_file_with_the_same_name_are_kept(clip, tmp_path):
    """Names are relative to the common folder, so two runs can use one name for two files."""
    inputs = []
    for day in ('monday', 'tuesday'):
        (tmp_path / day).mkdir()
        shutil.copy(clip, tmp_path / day / 'clip.avi')
        inputs += find_inputs([tmp_path / day / 'clip.avi'], [], tmp_path / 'out').inputs
    monday, tuesday = inputs
    assert monday.name == tuesday.name
    output, settings = OutputFolder(tmp_path / 'out'), Settings().resolved()
    with output.locked():
        write(
            output,
            monday,
            summary={
                'path': str(monday.path),
                'fingerprint': monday.fingerprint,
                'settings': settings.as_json(),
            },
        )
        assert output.finished(monday, settings)
        with pytest.raises(OutputError, match=r'results of .*monday/clip\.avi under the name'):
            output.finished(tuesday, settings)
        monday.path.rename(tmp_path / 'moved.avi')
        moved = dataclasses.replace(monday, path=tmp_path / 'moved.avi')
        assert output.finished(moved, settings), 'the same file at another place'


def test_leftovers_of_a_killed_run_are_removed_by_the_next_one(one, tmp_path):
    output = OutputFolder(tmp_path / 'out')
    (output.folder / '.parts/old').mkdir(parents=True)
    (output.folder / '.parts/old/annotated.mp4').write_text('half')
    with output.locked():
        assert files(output.folder) == set()


def test_the_second_of_two_runs_on_the_same_input_changes_nothing(one, tmp_path):
    output = OutputFolder(tmp_path / 'out')
    with output.locked():
        write(output, one)
        write(output, one)
        assert (output.results(one) / 'faces.csv').read_text() == 'whole'


def test_two_runs_never_write_into_one_folder(tmp_path):
    first, second = OutputFolder(tmp_path / 'out'), OutputFolder(tmp_path / 'out')
    with (
        first.locked(),
        pytest.raises(OutputError, match='another annotate writes into'),
        second.locked(),
    ):
        pass
    with second.locked():
        pass


def test_a_folder_with_other_contents_is_not_changed(tmp_path):
    (tmp_path / 'thesis.txt').write_text('mine')
    output = OutputFolder(tmp_path)
    with pytest.raises(OutputError, match='contains other files'), output.locked():
        pass
    assert files(tmp_path) == {'thesis.txt'}


def test_results_are_reused_only_for_the_same_file_and_settings(
    annotated, clip, settings, tmp_path
):
    copy = tmp_path / 'copy.avi'
    copy.write_bytes(clip.read_bytes())
    annotated([copy], tmp_path / 'out')
    output = OutputFolder(tmp_path / 'out')
    one = find_inputs([copy], [], output.folder).inputs[0]
    assert output.finished(one, settings) is not None
    replace = dataclasses.replace
    surer = replace(settings.pipeline.detector, confidence=0.9)
    other = replace(settings, pipeline=replace(settings.pipeline, detector=surer))
    assert output.finished(one, other) is None
    os.utime(copy, ns=(1, 1))
    changed = find_inputs([copy], [], output.folder).inputs[0]
    assert output.finished(changed, settings) is None
    output.annotated(one).unlink()
    assert output.finished(one, settings) is None, 'its video is gone'


def test_a_full_disk_ends_the_run_with_a_clear_error(annotated, clip, tmp_path, monkeypatch):
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(output_module.os, 'fsync', full)
    (outcome,) = annotated([clip], tmp_path / 'out').values()
    assert outcome.fatal
    assert (
        'No space left on device): free some space, then run the same command' in outcome.failure
    )
    assert files(tmp_path / 'out') == set()


def test_a_disk_that_fills_during_a_table_ends_the_run_with_a_clear_error(
    annotated, clip, settings, tmp_path, monkeypatch
):
    """A limit on the size of files simulates a full disk."""
    models = SharedModels(dataclasses.replace(settings, pictures=False))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, before[1]))
    try:
        (outcome,) = annotated([clip], tmp_path / 'out', by=models).values()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert outcome.fatal
    assert 'File too large): free some space' in outcome.failure
    assert files(tmp_path / 'out') == set()
