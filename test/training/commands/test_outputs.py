"""No training command overwrites an existing result."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from training.__main__ import main
from training.errors import TrainingError
from training.reports.report import Report


@pytest.mark.parametrize('arguments', [
    ['inspect', '--data', 'faces', '--report', '{}'],
    ['inspect', '--data', 'faces', '--json', '{}'],
    ['evaluate', '--model', 'mine', '--data', 'faces', '--report', '{}'],
    ['evaluate', '--model', 'mine', '--data', 'faces', '--json', '{}'],
    ['robustness', '--model', 'mine', '--data', 'faces', '--report', '{}'],
    ['compare', 'mine', '--data', 'faces', '--out', '{}'],
    ['explain', '--model', 'mine', '--picture', 'face.png', '--out', '{}'],
])  # fmt: skip
def test_an_existing_file_is_kept(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / 'result.md'
    kept.write_text('of yesterday')
    assert main([argument.replace('{}', str(kept)) for argument in arguments]) == 1
    told = capsys.readouterr().err
    assert f'{kept} already exists: name another file, or add --overwrite' in told
    assert kept.read_text() == 'of yesterday'


def test_an_existing_file_is_replaced_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / 'result.md').write_text('of yesterday')
    arguments = ['inspect', '--data', 'faces', '--report', str(tmp_path / 'result.md')]
    assert main([*arguments, '--overwrite']) == 1
    told = capsys.readouterr().err
    assert 'already exists' not in told
    assert 'faces' in told


def test_the_figures_of_an_earlier_comparison_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / 'result.json').write_text('of yesterday')
    arguments = ['compare', 'mine', '--data', 'faces', '--out', str(tmp_path / 'result.md')]
    assert main(arguments) == 1
    assert 'result.json already exists' in capsys.readouterr().err


@pytest.mark.parametrize('option', ['--report', '--json'])
def test_a_result_that_cannot_be_written_is_named_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    (tmp_path / 'file').write_text('not a folder')
    path = tmp_path / 'file' / 'result.html'
    assert main(['inspect', '--data', 'none', option, str(path)]) == 1
    assert f'{path} cannot be written, because {tmp_path / "file"}' in capsys.readouterr().err


def test_a_read_only_folder_is_named_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A mock, because tests can run as root, who may write everywhere.
    monkeypatch.setattr(os, 'access', lambda folder, mode: Path(folder) != tmp_path)
    assert main(['train', '--data', 'none', '--out', str(tmp_path / 'a' / 'run')]) == 1
    assert 'you may not write to it' in capsys.readouterr().err


@pytest.mark.parametrize('command', ['inspect', 'evaluate --model m', 'robustness --model m'])
def test_a_report_without_a_format_is_refused_before_the_work(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main([*command.split(), '--data', 'none', '--report', 'result.txt']) == 1
    assert 'result.txt is not a report file' in capsys.readouterr().err


def test_two_results_for_one_file_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / 'result.md')
    assert main(['inspect', '--data', 'faces', '--report', file, '--json', file]) == 1
    assert 'is the file of two results' in capsys.readouterr().err


def test_two_reports_never_share_a_picture_folder(tmp_path: Path) -> None:
    Report(tmp_path / 'one.md', 'One').write()
    with pytest.raises(TrainingError, match='would have the same folder of pictures'):
        Report(tmp_path / 'one.html', 'Other')
    Report(tmp_path / 'other.html', 'Other').write()


def test_an_existing_model_folder_is_kept(tmp_path: Path) -> None:
    pytest.importorskip('keras', reason='no keras; see training/requirements.txt')
    from training.exporting.model_folder import check_free

    check_free(tmp_path / 'new')
    (tmp_path / 'model.onnx').write_bytes(b'of yesterday')
    with pytest.raises(TrainingError, match=r'already contains a model \(model.onnx\)'):
        check_free(tmp_path)


def test_a_report_names_files_whose_names_are_not_utf8(tmp_path: Path) -> None:
    report = Report(tmp_path / 'one.md', 'One')
    report.items(['caf\udce9.png cannot be decoded'])
    report.write()
    assert r'caf\udce9.png' in (tmp_path / 'one.md').read_text('utf-8')
