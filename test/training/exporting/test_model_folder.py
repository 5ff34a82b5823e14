"""From a run to a model folder that the code of the robot runs, evaluates and calibrates."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.training_runs import make_images, train

from fer_ros.core.classification import RUNTIMES, load_classifier
from fer_ros.core.models import ModelCard
from training.__main__ import main
from training.data.dataset import Dataset, make_dataset
from training.data.labels import EXPRESSIONS
from training.data.merge import merge_datasets
from training.data.prepare import make_parts
from training.evaluation.calibration import fit_temperature, with_temperature
from training.learning.run import Run

TEST_PICTURES = 28


def _evaluate(folder: Path, data: Path, result: Path, *options: str) -> dict:
    arguments = ['evaluate', '--model', str(folder), '--data', str(data), '--json', str(result)]
    assert main([*arguments, *options]) == 0
    return json.loads(result.read_text())


@pytest.mark.parametrize('runtime', RUNTIMES)
def test_an_export_gives_the_same_result_in_every_runtime(
    model_folder: Path, runtime: str
) -> None:
    card = ModelCard.read(model_folder)
    if RUNTIMES[runtime].why_missing():
        pytest.skip(f'{runtime} is not installed')
    crops = list(make_images(5, 7, seed=3))
    together = load_classifier(card, runtime).classify(crops)
    reference = load_classifier(card, 'opencv').classify(crops)
    assert np.allclose(together, reference, atol=1e-4)
    assert np.allclose(load_classifier(card, runtime).classify(crops[:1]), together[:1], atol=1e-5)


@pytest.mark.usefixtures('keras_backend')
def test_an_interrupted_export_leaves_the_earlier_model_unchanged(tmp_path: Path) -> None:
    from training.exporting.model_folder import _replacing

    def write(text: str, error: type[BaseException] | None = None) -> str:
        with _replacing(tmp_path) as new:
            (new / 'card.json').write_text(text)
            if error:
                raise error
        return (tmp_path / 'card.json').read_text()

    assert write('earlier') == 'earlier'
    with pytest.raises(KeyboardInterrupt):
        write('later', KeyboardInterrupt)
    assert [path.read_text() for path in tmp_path.iterdir()] == ['earlier']
    assert write('later') == 'later'


def test_the_card_names_the_training_data(model_folder: Path, trained_run: Path) -> None:
    card = ModelCard.read(model_folder)
    record = json.loads((trained_run / 'record.json').read_text())
    assert card.labels == EXPRESSIONS
    assert record['data']['sha256'] in card.data
    assert card.parameters == record['parameters']
    assert 'not what a person feels' in card.limits


def test_evaluate_writes_the_figures_of_the_chosen_split(
    model_folder: Path, faces_npz: Path, tmp_path: Path
) -> None:
    figures = _evaluate(model_folder, faces_npz, tmp_path / 'r.json', '--split', 'test')
    assert {'accuracy', 'macro_f1', 'ece', 'count'} <= set(figures)
    assert figures['count'] == TEST_PICTURES
    assert figures['accuracy'] > 0.9


def test_classes_can_be_in_any_order_fewer_or_unknown(model_folder: Path, tmp_path: Path) -> None:
    wanted = [(1, 'Disgusted'), (6, 'neutral'), (3, 'HAPPINESS')]
    every = make_images(70, 7, seed=9)
    chosen = [i for i in range(70) if i % 7 in (1, 6, 3)]
    names = ['contempt', *(name for _, name in wanted)]
    labels = [1 + [k for k, _ in wanted].index(i % 7) for i in chosen]
    np.savez(
        tmp_path / 'other.npz',
        images=np.concatenate([every[chosen], every[:2]]),
        labels=np.array([*labels, 0, 0]),
        classes=np.array(names),
    )
    figures = _evaluate(model_folder, tmp_path / 'other.npz', tmp_path / 'r.json')
    assert figures['count'] == 30
    assert figures['left_out'] == {'contempt': 2}
    assert figures['accuracy'] > 0.9
    assert figures['restricted']['accuracy'] >= figures['accuracy']


def test_leaked_copies_are_reported_separately(model_folder: Path, tmp_path: Path) -> None:
    images = make_images(42, 7, seed=4)
    images[0] = images[14]
    splits = np.array(['test'] * 14 + ['train'] * 28)
    np.savez(
        tmp_path / 'leaky.npz', images=images, labels=np.arange(42) % 7,
        classes=np.array(EXPRESSIONS), splits=splits,
    )  # fmt: skip
    figures = _evaluate(
        model_folder, tmp_path / 'leaky.npz', tmp_path / 'r.json', '--split', 'test'
    )
    assert (figures['count'], figures['without_copies']['count']) == (14, 13)


def test_evaluate_imports_no_training_backend(
    model_folder: Path, faces_npz: Path, tmp_path: Path
) -> None:
    script = (
        'import sys; from training.__main__ import main\n'
        f'status = main(["evaluate", "--model", {str(model_folder)!r}, "--data", '
        f'{str(faces_npz)!r}, "--report", {str(tmp_path / "r.html")!r}])\n'
        'loaded = {"tensorflow", "keras", "torch", "jax"} & set(sys.modules)\n'
        'sys.exit(f"loaded {loaded}" if loaded else status)'
    )
    done = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-500:]


@pytest.mark.parametrize('suffix', ['.md', '.html'])
def test_several_models_are_compared_in_one_report(
    model_folder: Path, own_folder: Path, faces_npz: Path, tmp_path: Path, suffix: str
) -> None:
    report = tmp_path / f'report{suffix}'
    arguments = ['--model', str(model_folder), '--model', str(own_folder), '--report', str(report)]
    assert main(['evaluate', '--data', str(faces_npz), *arguments]) == 0
    text = report.read_text()
    for name in ('reliability', 'confusion_0', 'confusion_1'):
        assert f'report_pictures/{name}.png' in text
        assert (tmp_path / 'report_pictures' / f'{name}.png').stat().st_size > 1000


def test_calibration_finds_the_true_temperature(own_folder: Path) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 5)).astype(np.float32)
    probabilities = np.exp(logits / 1.7)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = (rng.random((4000, 1)) > probabilities.cumsum(axis=1)).sum(axis=1)
    assert fit_temperature(logits, labels) == pytest.approx(1.7, rel=0.08)


def test_calibrate_writes_a_temperature_that_the_runtime_applies(
    own_folder: Path, trained_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = load_classifier(ModelCard.read(own_folder))
    assert main(['calibrate', str(own_folder), '--run', str(trained_run)]) == 0
    assert 'pictures are few' in capsys.readouterr().out
    card = ModelCard.read(own_folder)
    after = load_classifier(card)
    crops = list(make_images(7, 7, seed=5))
    assert card.temperature != 1
    assert not np.allclose(before.classify(crops), after.classify(crops))
    assert np.allclose(before.logits(crops), after.logits(crops))


def test_calibrate_uses_only_the_data_that_the_run_kept_for_it(
    own_folder: Path, trained_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Dataset] = []
    monkeypatch.setattr(
        'training.commands.calibrate.calibrate', lambda card, data: seen.append(data)
    )
    assert main(['calibrate', str(own_folder), '--run', str(trained_run)]) == 0
    everything, parts = Run(trained_run).data()
    (data,) = seen
    assert set(data.splits) == {'train'}
    assert sorted(data.names) == sorted(parts.calibration.names)
    assert set(data.names) >= set(parts.development.names)
    assert not set(data.names) & set(parts.training.names)
    assert not set(data.names) & set(everything.split('test').names)


def test_a_model_of_all_pictures_gets_temperature_and_figures_of_its_twin(
    own_folder: Path, model_folder: Path, tmp_path: Path
) -> None:
    twin = Path(shutil.copytree(model_folder, tmp_path / 'twin'))
    card = replace(ModelCard.read(twin), metrics={'test': {'accuracy': 0.5}})
    with_temperature(card, 1.3)
    assert main(['calibrate', str(own_folder), '--twin', str(twin)]) == 0
    card = ModelCard.read(own_folder)
    assert (card.temperature, card.metrics) == (1.3, {'test': {'accuracy': 0.5}})
    assert 'of a model of the same recipe' in card.data


def test_another_architecture_is_not_a_twin(
    own_folder: Path, model_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = Path(shutil.copytree(model_folder, tmp_path / 'twin'))
    replace(ModelCard.read(twin), architecture='another').write(twin)
    assert main(['calibrate', str(own_folder), '--twin', str(twin)]) == 1
    assert 'name a model of the same recipe' in capsys.readouterr().err


def test_a_twin_needs_no_data(
    own_folder: Path, model_folder: Path, trained_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ['calibrate', str(own_folder), '--twin', str(model_folder)]
    assert main([*arguments, '--run', str(trained_run)]) == 1
    assert '--twin needs no data: remove --run' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('options', 'split'), [((), 'test'), (('--split', 'development'), 'development')]
)
def test_a_run_is_evaluated_on_pictures_that_it_was_not_trained_on(
    model_folder: Path, trained_run: Path, tmp_path: Path, options: tuple[str, ...], split: str
) -> None:
    _, parts = Run(trained_run).data()
    expected = {'test': TEST_PICTURES, 'development': len(parts.development)}
    arguments = ['evaluate', '--model', str(model_folder), '--run', str(trained_run)]
    assert main([*arguments, '--json', str(tmp_path / 'r.json'), *options]) == 0
    assert json.loads((tmp_path / 'r.json').read_text())['count'] == expected[split]


def test_evaluate_prints_the_recall_of_each_class(
    model_folder: Path, faces_npz: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ['evaluate', '--model', str(model_folder), '--data', str(faces_npz)]
    assert main([*arguments, '--split', 'test']) == 0
    assert re.search(
        r'recall of each class: angry \d\.\d{3}, .*neutral \d', capsys.readouterr().out
    )


def test_figures_can_be_written_into_the_card(own_folder: Path, faces_npz: Path) -> None:
    arguments = ['--data', str(faces_npz), '--split', 'test', '--into-card', 'own_test']
    assert main(['evaluate', '--model', str(own_folder), *arguments]) == 0
    assert ModelCard.read(own_folder).metrics['own_test']['count'] == TEST_PICTURES


@pytest.mark.parametrize('precision', ['float16', 'int8'])
def test_a_smaller_file_is_smaller_and_almost_as_accurate(
    trained_run: Path,
    model_folder: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    precision: str,
) -> None:
    out = tmp_path / precision
    assert main(['export', str(trained_run), '--out', str(out), '--precision', precision]) == 0
    told = capfd.readouterr()
    assert 'fully_quantize' not in told.err  # TensorFlow prints that from C++.
    assert ('--runtime litert evaluates model.tflite' in told.out) == (precision == 'int8')
    small, full = ((f / 'model.tflite').stat().st_size for f in (out, model_folder))
    assert small < full
    card, picture = ModelCard.read(out), make_images(1, 7)[0]
    assert load_classifier(card, 'litert').classify([picture]).shape == (1, 7)
    if precision == 'float16':
        assert card.files['onnx'].file == 'model.onnx.gz'
        litert, opencv, onnxruntime = (
            load_classifier(card, runtime).classify([picture])
            for runtime in ('litert', 'opencv', 'onnxruntime')
        )
        assert np.allclose(litert, opencv, atol=1e-3)
        assert np.allclose(litert, onnxruntime, atol=1e-3)


@pytest.mark.usefixtures('tensorflow')
def test_a_smaller_file_of_merged_data_is_measured_on_training_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.exporting import export

    pictures = [make_images(14, 7, seed=seed) for seed in (1, 2)]
    sets = [make_dataset(each, np.arange(14) % 7, EXPRESSIONS) for each in pictures]
    merged = merge_datasets(sets)
    parts = make_parts(merged, np.arange(28), 0.0, seed=0)
    judged: list[Dataset] = []
    monkeypatch.setattr(export.Run, 'data', lambda run: (merged, parts))
    monkeypatch.setattr(export, 'check_loss', lambda *given: judged.append(given[-1]))
    samples = export._check_precision(tmp_path, None, 'float16')
    assert len(samples) == len(judged[0]) == 28


def test_an_export_that_differs_from_keras_is_refused(
    trained_run: Path,
    model_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr('training.exporting.parity.PARITY', 0.0)
    assert main(['export', str(trained_run), '--out', str(tmp_path / 'm')]) == 1
    assert 'differs from Keras' in capsys.readouterr().err
    assert not (tmp_path / 'm' / 'card.json').exists()


def test_a_folder_without_a_run_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['export', str(tmp_path), '--out', str(tmp_path / 'm')]) == 1
    assert 'is not a run' in capsys.readouterr().err


@pytest.mark.usefixtures('tensorflow')
def test_a_test_part_by_identity_is_evaluated_with_the_run(tmp_path: Path) -> None:
    people = np.array([f'person {i // 7 % 10}' for i in range(140)])
    np.savez(
        tmp_path / 'people.npz',
        images=make_images(140, 2),
        gender=(np.arange(140) % 2).astype(np.int8),
        identity=people,
    )
    train(tmp_path / 'people.npz', tmp_path / 'run', '--epochs', '1', '--test', '0.3')
    out = tmp_path / 'gender'
    assert main(['export', str(tmp_path / 'run'), '--out', str(out), '--task', 'gender']) == 0
    arguments = ['--model', str(out), '--run', str(tmp_path / 'run'), '--split', 'test']
    assert main(['evaluate', *arguments, '--json', str(tmp_path / 'r.json')]) == 0
    figures = json.loads((tmp_path / 'r.json').read_text())
    assert 28 <= figures['count'] <= 56
    assert set(figures['classes']) == {'woman', 'man'}
    assert ModelCard.read(out).task == 'gender'
