"""The configuration of a run is one object: from options, into the record, and back."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from training.__main__ import create_parser
from training.data.augment import AugmentConfig
from training.data.open import DataOptions
from training.errors import TrainingError
from training.learning.config import TrainConfig
from training.learning.record import DataRecord, RunRecord
from training.learning.run import Run

#: Options of `train` that are about the command and not about the run.
OF_THE_COMMAND = {'command', 'execute', 'out', 'overwrite', 'resume'}


def _config(*options: str) -> TrainConfig:
    given = ['train', '--data', 'faces', '--out', 'run', *options]
    return TrainConfig.of(vars(create_parser(given).parse_args(given)))


def test_every_option_of_train_is_in_the_configuration_with_the_same_default() -> None:
    given = ['train', '--data', 'faces', '--out', 'run']
    options = vars(create_parser(given).parse_args(given))
    assert set(options) - OF_THE_COMMAND == set(TrainConfig(DataOptions(['faces'])).to_json())
    assert _config() == TrainConfig(DataOptions(['faces']))


def test_a_configuration_is_the_same_after_writing_and_reading() -> None:
    config = _config(
        '--data', 'more', '--size', '64', '--classes', 'a', 'b', '--init', 'models/a',
        '--freeze', '--relabel', 'models/b', '--relabel', 'models/c', '--relabel-copies', '3',
        '--mixup', '0.2', '--parts', 'runs/a/parts.npz',
    )  # fmt: skip
    assert TrainConfig.of(json.loads(json.dumps(config.to_json()))) == config
    assert config.relabel == (Path('models/b'), Path('models/c'))
    assert config.augment.mixup == 0.2


def test_options_unknown_to_an_earlier_version_have_their_defaults() -> None:
    arguments = {'data': ['faces'], 'out': 'runs/a', 'resume': False, 'epochs': 3, 'init': None}
    config = TrainConfig.of(arguments)
    assert config == TrainConfig(DataOptions(['faces']), epochs=3)
    with pytest.raises(TrainingError, match='the training data is missing'):
        TrainConfig.of({'epochs': 3})


@pytest.mark.parametrize(
    ('options', 'told'),
    [
        (('--freeze',), '--init'),
        (('--epochs', '0'), '--epochs must be above 0'),
        (('--rate', '-1'), '--rate must be above 0'),
        (('--development', '1'), '--development is 1: it must be below 1'),
        (('--test', '1.5'), '--test is 1.5: it must be below 1'),
        (('--distill-share', '0.4'), '--distill-share has no effect without --teacher'),
        (('--relabel-copies', '2'), '--relabel-copies has no effect without --relabel'),
    ],
)
def test_contradictory_options_are_refused(options: tuple[str, ...], told: str) -> None:
    with pytest.raises(TrainingError, match=told):
        _config(*options)


@pytest.mark.parametrize(
    'value',
    [{'test': -0.1}, {'optimizer': 'lion'}, {'flip': 2.0}, {'size': 0}, {'backend': 'mxnet'}],
    ids=str,
)
def test_a_value_out_of_range_is_named(value: dict[str, Any]) -> None:
    (name,) = value
    with pytest.raises(TrainingError, match=f'^{name} is '):
        TrainConfig.of({'data': ['faces'], **value})


def test_names_are_unique_over_all_parts() -> None:
    names = [f.name for kind in (TrainConfig, DataOptions, AugmentConfig) for f in fields(kind)]
    assert len(names) == len(set(names))


def _record() -> RunRecord:
    data = DataRecord('0' * 64, {'happy': 3}, {'happy': 1}, {'conflicting_labels': 2})
    return RunRecord(
        'python -m training train', _config('--epochs', '2'), 'tiny_xception', 100, 'torch',
        ('happy', 'sad'), 48, 'gray', data, {'python': '3'},
    )  # fmt: skip


def test_a_record_is_the_same_after_writing_and_reading(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert not run.begun
    run.write_record(_record())
    assert run.begun
    assert run.read_record() == _record()


def test_a_record_of_an_earlier_version_has_the_size_of_its_pictures(tmp_path: Path) -> None:
    record = _record()
    data = replace(record.config.data, size=48, channels='gray')
    record = replace(
        record, config=replace(record.config, data=data), size=64, channels='rgb'
    )  # An archive kept its size and channels, because the defaults requested no change.
    Run(tmp_path).write_record(record)
    read = Run(tmp_path).read_record().config.data
    assert (read.size, read.channels) == (64, 'rgb')


@pytest.mark.parametrize('content', ['{"command": ""}', '[]', '{"arguments": 3}', '{'])
def test_an_unreadable_record_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / 'record.json').write_text(content)
    with pytest.raises(TrainingError, match=r'record\.json is damaged'):
        Run(tmp_path).read_record()


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match='is not a run'):
        Run(tmp_path).read_record()
