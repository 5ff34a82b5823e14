"""The train command learns, records, resumes and fine-tunes, and loses nothing when it fails."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from support.training_runs import EPOCHS, OPTIONS, train

from fer_ros.core.models import ModelStore
from training.__main__ import create_parser
from training.base.files import write_npz
from training.data.labels import EXPRESSIONS
from training.learning.config import TrainConfig
from training.learning.run import Run

pytestmark = pytest.mark.usefixtures('keras_backend')


def _weights(run: Path) -> list[np.ndarray]:
    with np.load(run / 'last.npz') as archive:
        return [archive[name] for name in sorted(archive.files) if name != 'state']


def test_a_run_learns_and_records_everything(trained_run: Path) -> None:
    record = json.loads((trained_run / 'record.json').read_text())
    assert record['metrics']['development_accuracy'] > 0.9
    assert record['arguments']['seed'] == 1
    assert len(record['data']['sha256']) == 64
    assert 'numpy' in record['versions']
    assert record['classes'] == list(EXPRESSIONS)
    for name in ('best.keras', 'last.npz', 'curves.png'):
        assert (trained_run / name).stat().st_size > 1000
    with (trained_run / 'log.csv').open() as file:
        assert [row['epoch'] for row in csv.DictReader(file)] == [str(n) for n in range(1, 11)]


def test_a_resumed_run_equals_an_uninterrupted_one(
    faces_npz: Path, trained_run: Path, interrupted_run: Path
) -> None:
    before = _weights(interrupted_run)
    train(faces_npz, interrupted_run, *OPTIONS, '--resume')
    wholes, parts = _weights(trained_run), _weights(interrupted_run)
    for whole, part in zip(wholes, parts, strict=True):
        assert np.allclose(whole, part, atol=1e-5)
    assert not all(np.allclose(old, part) for old, part in zip(before, parts, strict=True))
    assert len(json.loads((interrupted_run / 'record.json').read_text())['history']) == EPOCHS


def test_a_run_that_was_interrupted_before_its_first_epoch_starts(
    faces_npz: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(faces_npz, tmp_path / 'run', '--epochs', '1', '--resume')
    assert 'the run starts now' in capsys.readouterr().out
    assert (tmp_path / 'run' / 'best.keras').exists()


def test_an_earlier_run_is_not_overwritten(
    faces_npz: Path, trained_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (trained_run / 'last.npz').read_bytes()
    train(faces_npz, trained_run, '--epochs', '1', expect=1)
    assert '--resume' in capsys.readouterr().err
    assert (trained_run / 'last.npz').read_bytes() == before


def test_two_trainings_do_not_write_one_run(
    faces_npz: Path, interrupted_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (interrupted_run / 'last.npz').read_bytes()
    with Run(interrupted_run).locked():
        train(faces_npz, interrupted_run, *OPTIONS, '--resume', expect=1)
    assert f'another training writes into {interrupted_run}' in capsys.readouterr().err
    assert (interrupted_run / 'last.npz').read_bytes() == before


def test_an_interrupted_training_names_the_option_to_continue(
    faces_npz: Path,
    interrupted_run: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr('training.commands.train.train', interrupt)
    train(faces_npz, interrupted_run, *OPTIONS, '--resume', expect=130)
    told = capsys.readouterr()
    assert f'{interrupted_run}: add --resume to continue' in told.out
    assert 'interrupted' in told.err


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_epoch(
    faces_npz: Path, interrupted_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = (interrupted_run / 'last.npz').read_bytes()
    train(
        faces_npz, interrupted_run, '--epochs', '11', '--rate', '1e30', '--l2', '1e30',
        '--ema', '0.8', '--resume', expect=1,
    )  # fmt: skip
    told = capsys.readouterr()
    assert 'lower --rate' in told.err
    assert 'settings of the earlier epochs were different: rate 0.03 -> 1e+30' in told.out
    assert (interrupted_run / 'last.npz').read_bytes() == kept


def test_a_full_disk_at_a_checkpoint_is_named_and_the_earlier_one_stays(
    faces_npz: Path,
    interrupted_run: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept = (interrupted_run / 'last.npz').read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, 'No space left on device')

    def write_on_full_disk(path: Path, **arrays: np.ndarray) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr('training.base.files.os.fsync', full)
            write_npz(path, **arrays)

    # The record of the run, which comes before the first epoch, still has room.
    monkeypatch.setattr('training.learning.checkpoint.write_npz', write_on_full_disk)
    train(faces_npz, interrupted_run, *OPTIONS, '--resume', expect=1)
    assert 'No space left on device' in capsys.readouterr().err
    assert (interrupted_run / 'last.npz').read_bytes() == kept
    assert not list(interrupted_run.glob('*.part'))


def test_a_run_stops_early_without_progress(faces_npz: Path, tmp_path: Path) -> None:
    train(
        faces_npz, tmp_path / 'run', '--epochs', '9', '--rate', '1e-9', '--patience', '1',
        '--schedule', 'constant',
    )  # fmt: skip
    assert len(json.loads((tmp_path / 'run' / 'record.json').read_text())['history']) < 9


@pytest.mark.parametrize(
    'options',
    [
        (
            '--optimizer',
            'sgd',
            '--weight-decay',
            '1e-4',
            '--schedule',
            'exponential',
            '--crop',
            '0.1',
        ),
        ('--schedule', 'plateau', '--label-smoothing', '0.1', '--class-weights', '--l2', '1e-4'),
    ],
    ids=['sgd exponential', 'plateau weights l2'],
)
def test_each_training_method_runs(
    faces_npz: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    train(faces_npz, tmp_path / 'run', '--epochs', '2', *options)
    assert (tmp_path / 'run' / 'best.keras').exists()


def test_mixed_precision_on_all_data_saves_the_last_epoch_in_float32(
    faces_npz: Path, tmp_path: Path
) -> None:
    from training.learning.networks import load_network

    train(
        faces_npz, tmp_path / 'run', '--epochs', '2', '--mixed-precision', '--development', '0',
        '--optimizer', 'adamw', '--mixup', '0.2', '--erase', '0.5', '--lighting', '0.1',
    )  # fmt: skip
    network = load_network(tmp_path / 'run')
    assert {layer.compute_dtype for layer in network.layers} == {'float32'}
    assert json.loads((tmp_path / 'run' / 'record.json').read_text())['metrics']['kept_epoch'] == 2


def test_fine_tuning_with_a_frozen_backbone_changes_the_head_only(
    faces_npz: Path, trained_run: Path, tmp_path: Path
) -> None:
    from training.learning.networks import load_network

    train(
        faces_npz, tmp_path / 'run', '--epochs', '1', '--init', str(trained_run), '--freeze',
        '--ema', '0',
    )  # fmt: skip
    before, after = load_network(trained_run), load_network(tmp_path / 'run')
    for old, new in zip(before.layers, after.layers, strict=True):
        same = all(
            np.array_equal(a, b) for a, b in zip(old.get_weights(), new.get_weights(), strict=True)
        )
        assert same != (new.name == 'head_convolution')


def test_fine_tuning_a_shipped_model_reads_pictures_in_its_size(
    faces_npz: Path, tmp_path: Path
) -> None:
    shipped = ModelStore().load_card('default')
    train(
        faces_npz, tmp_path / 'run', '--epochs', '1', '--init', str(shipped.folder), '--freeze',
        '--model', 'dlib_resnet_lean',
    )  # fmt: skip
    record = json.loads((tmp_path / 'run' / 'record.json').read_text())
    assert record['size'] == shipped.crop_spec.size


@pytest.mark.parametrize(
    ('options', 'size'),
    [
        (('--model', 'dlib_resnet_lean'), 64),
        (('--model', 'dlib_resnet_lean', '--size', '48'), 48),
        ((), None),
        (('--init', 'INIT', '--model', 'tiny_xception'), 64),
    ],
    ids=['model', 'size', 'none', 'init'],
)
def test_the_network_gives_the_size_unless_another_is_requested(
    options: tuple[str, ...], size: int | None
) -> None:
    from training.learning.train import _in_size_of_network

    default = str(ModelStore().load_card('default').folder)
    given = ['train', '--data', 'x', '--out', 'y', *options]
    given = [default if option == 'INIT' else option for option in given]
    config = TrainConfig.of(vars(create_parser(given).parse_args(given)))
    assert _in_size_of_network(config).data.size == size


def test_fine_tuning_for_other_classes_keeps_the_backbone(
    trained_run: Path, tmp_path: Path
) -> None:
    from training.learning.networks import load_network

    with np.load(_two_classes(tmp_path / 'two.npz')) as archive:
        assert len(archive['classes']) == 2
    train(
        tmp_path / 'two.npz', tmp_path / 'run', '--epochs', '1', '--init', str(trained_run),
        '--freeze',
    )  # fmt: skip
    network = load_network(tmp_path / 'run')
    assert network.output_shape == (None, 2)
    assert np.array_equal(
        network.layers[1].get_weights()[0], load_network(trained_run).layers[1].get_weights()[0]
    )


def test_a_student_learns_from_its_teachers(
    faces_npz: Path, trained_run: Path, tmp_path: Path
) -> None:
    teacher = str(trained_run)
    options = ('--teacher', teacher, '--teacher', teacher, '--distill-share', '1')
    train(faces_npz, tmp_path / 'run', '--epochs', '10', '--rate', '0.03', *options)
    record = json.loads((tmp_path / 'run' / 'record.json').read_text())
    assert record['metrics']['development_accuracy'] > 0.5


def test_a_teacher_with_other_classes_is_refused_by_name(
    faces_npz: Path, trained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with np.load(faces_npz) as archive:
        turned = {**archive, 'classes': archive['classes'][::-1]}
    np.savez(tmp_path / 'turned.npz', **turned)
    options = ('--epochs', '1', '--teacher', str(trained_run))
    train(tmp_path / 'turned.npz', tmp_path / 'run', *options, expect=1)
    assert 'the same classes in the same order' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('data', 'options', 'named'),
    [
        ('empty class', (), 'no training pictures of sad'),
        ('other size', ('--init', 'RUN', '--size', '24'), r'(24, 24, 1)'),
        ('colour', ('--init', 'RUN'), r'(48, 48, 3)'),
        ('no train split', (), "no split 'train'"),
        ('good', ('--freeze',), '--init'),
        ('good', ('--epochs', '0'), '--epochs must be above 0'),
        ('good', ('--rate', 'nan'), '--rate must be above 0'),
        ('good', ('--init', 'nowhere'), '--init: nowhere does not exist'),
        ('good', ('--teacher', 'nowhere'), '--teacher: nowhere does not exist'),
        ('good', ('--patience', '2', '--development', '0'), '--patience needs'),
        ('good', ('--devices', '2'), 'jax'),
    ],
    ids=[
        'empty class',
        'wrong size',
        'colour for gray',
        'missing split',
        'freeze',
        'epochs',
        'rate',
        'no initial network',
        'no teacher',
        'patience without development part',
        'devices',
    ],
)
def test_bad_data_and_options_stop_with_a_clear_error(
    data: str,
    options: tuple[str, ...],
    named: str,
    trained_run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = _bad_data(tmp_path / 'data.npz', data)
    given = [str(trained_run) if option == 'RUN' else option for option in options]
    train(path, tmp_path / 'run', *given, expect=1)
    error = capsys.readouterr().err
    assert named in error
    assert 'Traceback' not in error


def _bad_data(path: Path, what: str) -> Path:
    count = 42
    side = 24 if what == 'other size' else 48
    shape = (count, side, side, 3) if what == 'colour' else (count, side, side)
    labels = np.arange(count) % 7
    if what == 'empty class':
        labels[labels == 4] = 3
    np.savez(
        path,
        images=np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8),
        labels=labels,
        classes=np.array(EXPRESSIONS),
        splits=np.array(['test' if what == 'no train split' else 'train'] * count),
    )
    return path


def _two_classes(path: Path) -> Path:
    images = np.random.default_rng(0).integers(0, 256, (40, 48, 48)).astype(np.uint8)
    np.savez(path, images=images, labels=np.arange(40) % 2, classes=np.array(['woman', 'man']))
    return path
