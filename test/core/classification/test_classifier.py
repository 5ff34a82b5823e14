"""The classifier computes probabilities from crops with any runtime."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support.tiny_model import LABELS, TinyNetwork, reference_probabilities, write_tiny_model

from fer_ros.core.classification import load_classifier, softmax
from fer_ros.core.crop import FER2013, CropGeometry, CropSpec
from fer_ros.core.errors import GeometryError, ModelError
from fer_ros.core.models import ModelCard, ModelFile

TEMPERATURE = 1.5


def random_crops(count: int, channels: str = 'gray', size: int = 12) -> list[NDArray[np.uint8]]:
    random = np.random.RandomState(3)
    shape = (size, size) if channels == 'gray' else (size, size, 3)
    return [random.randint(0, 256, shape, dtype=np.uint8) for _ in range(count)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / 'tiny'


@pytest.mark.parametrize('channels', ['gray', 'rgb'])
@pytest.mark.parametrize('count', [1, 5, 32])
def test_every_runtime_gives_the_probabilities_of_the_weights(
    folder: Path, runtime: str, channels: str, count: int
) -> None:
    card = write_tiny_model(folder, channels=channels, temperature=TEMPERATURE)
    classifier = load_classifier(card, runtime)
    crops = random_crops(count, channels)
    network = TinyNetwork(len(LABELS), channels=1 if channels == 'gray' else 3)
    probabilities = classifier.classify(crops)
    assert probabilities.shape == (count, len(LABELS))
    assert probabilities.dtype == np.float32
    expected = reference_probabilities(network, crops, TEMPERATURE)
    np.testing.assert_allclose(probabilities, expected, atol=1e-5)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


def test_a_classifier_describes_itself(folder: Path, runtime: str) -> None:
    card = write_tiny_model(folder)
    classifier = load_classifier(card, runtime)
    file = card.files['litert' if runtime == 'litert' else 'onnx']
    assert classifier.name == 'tiny'
    assert classifier.task == 'expression'
    assert classifier.class_names == LABELS
    assert classifier.crop_spec == CropSpec(FER2013, 12, 'gray')
    assert classifier.model_hash == ModelFile.describe(folder / file.file, file.layout).sha256
    assert classifier.runtime_name == runtime
    assert runtime in classifier.runtime_reason


def test_a_result_depends_on_its_own_crop_only(folder: Path, runtime: str) -> None:
    classifier = load_classifier(write_tiny_model(folder), runtime)
    crops = random_crops(6)
    together = classifier.classify(crops)
    for size in (2, 6, 1, 3):
        np.testing.assert_allclose(classifier.classify(crops[:size]), together[:size], atol=1e-6)


def test_a_graph_with_a_fixed_batch_of_one_accepts_several_crops(
    folder: Path, runtime: str
) -> None:
    batched = load_classifier(write_tiny_model(folder), runtime)
    single = load_classifier(write_tiny_model(folder.with_name('one'), batch=1), runtime)
    crops = random_crops(5)
    np.testing.assert_allclose(single.classify(crops), batched.classify(crops), atol=1e-6)


def test_no_crops_give_no_rows(folder: Path, runtime: str) -> None:
    classifier = load_classifier(write_tiny_model(folder), runtime)
    assert classifier.classify([]).shape == (0, len(LABELS))
    assert classifier.classify([]).dtype == np.float32


def test_crops_that_are_views_are_read_correctly(folder: Path, runtime: str) -> None:
    classifier = load_classifier(write_tiny_model(folder), runtime)
    crop = random_crops(1, size=24)[0][::2, 20::-1][:, :12]
    crop.flags.writeable = False
    expected = classifier.classify([np.ascontiguousarray(crop)])
    assert (classifier.classify([crop]) == expected).all()


def test_results_of_earlier_calls_do_not_change(folder: Path, runtime: str) -> None:
    classifier = load_classifier(write_tiny_model(folder), runtime)
    crops = random_crops(2)
    first = classifier.classify(crops[:1])
    kept = first.copy()
    classifier.classify(crops[1:])
    assert (first == kept).all()


def test_concurrent_calls_get_their_own_results(folder: Path, runtime: str) -> None:
    classifier = load_classifier(write_tiny_model(folder), runtime)
    crops = random_crops(8)
    expected = classifier.classify(crops)

    def classify_often(index: int) -> float:
        rows = [classifier.classify([crops[index]] * (index + 1)) for _ in range(30)]
        return max(float(np.abs(row - expected[index]).max()) for row in rows)

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(classify_often, range(8))) < 1e-6


@pytest.mark.parametrize(
    'crop',
    [
        np.zeros((48, 48), np.uint8),
        np.zeros((12, 12, 3), np.uint8),
        np.zeros((12, 12), np.float32),
        np.zeros(144, np.uint8),
    ],
)
def test_a_crop_of_wrong_shape_or_type_is_refused(folder: Path, crop: NDArray) -> None:
    classifier = load_classifier(write_tiny_model(folder), 'opencv')
    with pytest.raises(GeometryError, match=r'\(12, 12\).*not'):
        classifier.classify([random_crops(1)[0], crop])


def test_crops_of_another_spec_are_converted_for_the_model(folder: Path) -> None:
    classifier = load_classifier(write_tiny_model(folder), 'opencv')
    crop = random_crops(1, 'rgb', 48)[0]
    prepared = classifier.prepare(crop, CropSpec(FER2013, 48, 'rgb'))
    assert prepared.shape == (12, 12)
    assert classifier.classify([prepared]).shape == (1, len(LABELS))


def test_crops_of_another_geometry_are_refused_and_both_are_named(folder: Path) -> None:
    classifier = load_classifier(write_tiny_model(folder), 'opencv')
    wide = CropSpec(CropGeometry('wide', 1.6, (0.5, 0.5), 45.0), 12, 'gray')
    with pytest.raises(GeometryError, match=r'wide.*fer2013'):
        classifier.prepare(random_crops(1)[0], wide)


def test_a_colour_model_refuses_gray_crops(folder: Path) -> None:
    classifier = load_classifier(write_tiny_model(folder, channels='bgr'), 'opencv')
    with pytest.raises(GeometryError, match=r'gray.*bgr'):
        classifier.prepare(random_crops(1)[0], CropSpec(FER2013, 12, 'gray'))


def test_non_finite_outputs_are_an_error(folder: Path, runtime: str) -> None:
    card = write_tiny_model(folder, broken=True)
    with pytest.raises(ModelError, match='not finite'):
        load_classifier(card, runtime)


def rewrite(card: ModelCard, **changes: object) -> ModelCard:
    """Rewrite the card with other values and a matching fingerprint."""
    return replace(card, **changes).write(card.folder)  # type: ignore[arg-type]


@pytest.mark.parametrize('swap', [(0, 1), (3, 6), (1, 5)])
def test_a_wrong_order_of_labels_is_detected(
    folder: Path, runtime: str, swap: tuple[int, int]
) -> None:
    card = write_tiny_model(folder)
    labels = list(card.labels)
    labels[swap[0]], labels[swap[1]] = labels[swap[1]], labels[swap[0]]
    with pytest.raises(ModelError, match='outputs are in another order than the labels'):
        load_classifier(rewrite(card, labels=tuple(labels)), runtime)


def test_the_check_distinguishes_any_two_labels(folder: Path) -> None:
    check = write_tiny_model(folder).check
    assert check.smallest_gap > 2 * check.tolerance


def test_labels_that_the_check_cannot_distinguish_are_bound_to_the_files(tmp_path: Path) -> None:
    card = write_tiny_model(tmp_path / 'flat', temperature=1e6)
    assert card.check.smallest_gap < card.check.tolerance
    entries = json.loads(card.path.read_text())
    entries['labels'].reverse()
    card.path.write_text(json.dumps(entries))
    with pytest.raises(ModelError, match='fingerprint'):
        ModelCard.read(card.folder)


def test_a_file_of_another_model_is_detected(folder: Path, tmp_path: Path, runtime: str) -> None:
    card = write_tiny_model(folder)
    other = write_tiny_model(tmp_path / 'other', seed=5)
    for file in other.files.values():
        (folder / file.file).write_bytes((other.folder / file.file).read_bytes())
    with pytest.raises(ModelError, match='do not match'):
        load_classifier(rewrite(card, files=other.files), runtime)


def test_a_changed_normalisation_or_temperature_is_detected(folder: Path) -> None:
    card = write_tiny_model(folder)
    with pytest.raises(ModelError, match='check input'):
        load_classifier(replace(card, temperature=1.0), 'opencv')
    wrong = replace(card.input.normalisation, mean=0.0)
    with pytest.raises(ModelError, match='check input'):
        load_classifier(replace(card, input=replace(card.input, normalisation=wrong)), 'opencv')


@pytest.mark.parametrize('change', [{'size': 20}, {'channels': 'rgb'}])
def test_a_graph_for_another_input_is_detected(
    folder: Path, runtime: str, change: dict[str, object]
) -> None:
    card = write_tiny_model(folder)
    wrong = replace(card, input=replace(card.input, **change))  # type: ignore[arg-type]
    # OpenCV runs graphs that do not fit silently. The check input then finds the fault.
    with pytest.raises(ModelError, match=r'the card says|check input'):
        load_classifier(wrong, runtime)


def test_an_altered_file_is_not_loaded(folder: Path) -> None:
    card = write_tiny_model(folder)
    (folder / 'model.onnx').write_bytes(b'altered')
    with pytest.raises(ModelError, match='altered'):
        load_classifier(card, 'opencv')


def test_threads_below_one_are_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match='threads'):
        load_classifier(write_tiny_model(folder), threads=0)


def test_softmax_is_stable_for_large_logits_and_small_temperatures() -> None:
    logits = np.array([[3e38, -3e38, 3e38], [1.0, 2.0, 3.0]], np.float32)
    with np.errstate(over='ignore'):
        probabilities = softmax(logits, 1e-3)
    np.testing.assert_allclose(probabilities, [[0.5, 0, 0.5], [0, 0, 1]], atol=1e-6)
    assert probabilities.dtype == np.float32


def test_a_higher_temperature_flattens_probabilities() -> None:
    logits = np.array([[0.0, 1.0]], np.float32)
    warm = np.exp(0.5) / (1 + np.exp(0.5))
    np.testing.assert_allclose(softmax(logits, 2.0)[0, 1], warm, rtol=1e-6)
