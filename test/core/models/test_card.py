"""A card is read completely, or an error names file, reason and remedy."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.tiny_model import LABELS, write_tiny_model

from fer_ros.core.crop import FER2013, CropGeometry, CropSpec
from fer_ros.core.errors import ModelError
from fer_ros.core.models import ModelCard, ModelFile, ModelInput, Normalisation

Edit = Callable[[dict], object]


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return write_tiny_model(tmp_path / 'tiny', formats=['onnx'])


def edit(card: ModelCard, change: Edit) -> None:
    entries = json.loads(card.path.read_text())
    change(entries)
    card.path.write_text(json.dumps(entries))


def error_of(card: ModelCard) -> str:
    with pytest.raises(ModelError) as caught:
        ModelCard.read(card.folder)
    message = str(caught.value)
    assert str(card.folder) in message
    assert 'Restore' in message or 'export' in message
    return message


def set_entry(*path: object, value: object) -> Edit:
    def change(entries: dict) -> None:
        for key in path[:-1]:
            entries = entries[key]
        entries[path[-1]] = value

    return change


def test_a_card_is_the_same_after_writing_and_reading(card: ModelCard) -> None:
    rich = replace(
        card, limits='for tests', parameters=70, metrics={'accuracy': 0.6, 'per class': [1, 2]}
    )
    written = rich.write(card.folder)
    assert ModelCard.read(card.folder) == written == rich


def test_a_card_defines_the_crop_of_the_model(card: ModelCard) -> None:
    assert card.crop_spec == CropSpec(FER2013, 12, 'gray')


def test_text_in_any_language_is_kept(card: ModelCard) -> None:
    replace(card, description='Gesichter 笑').write(card.folder)
    assert ModelCard.read(card.folder).description == 'Gesichter 笑'
    assert '笑' in card.path.read_text(encoding='utf-8')


def test_rounded_numbers_of_a_known_geometry_are_recognised(card: ModelCard) -> None:
    edit(card, set_entry('input', 'crop_geometry', 'box_scale', value=0.9709))
    assert ModelCard.read(card.folder).input.geometry is FER2013


def test_a_custom_geometry_is_kept(card: ModelCard) -> None:
    own = CropGeometry('wide', 1.5, (0.5, 0.4), 0.0)
    written = replace(card, input=replace(card.input, geometry=own)).write(card.folder)
    assert written.input.geometry == own


@pytest.mark.parametrize(
    ('change', 'named'),
    [
        (set_entry('format', value=2), 'format 2'),
        (set_entry('format', value='1'), 'format'),
        (lambda entries: entries.pop('format'), 'format'),
        (lambda entries: entries.pop('labels'), "'labels' is missing"),
        (set_entry('labels', value='happy'), 'labels'),
        (set_entry('labels', value=[]), 'labels'),
        (set_entry('labels', 0, value='happy'), 'happy'),
        (set_entry('labels', 0, value=''), 'labels[0]'),
        (set_entry('labels', 0, value='  '), 'labels[0]'),
        (set_entry('labels', 3, value=4), 'labels[3]'),
        (set_entry('labels', 3, value=None), 'labels[3]'),
        (lambda entries: entries['labels'].pop(), 'neutral'),
        (lambda entries: entries['labels'].append('contempt'), 'contempt'),
        (set_entry('name', value=''), 'name'),
        (set_entry('task', value=7), 'task'),
        (set_entry('temperature', value=0), 'temperature'),
        (set_entry('temperature', value=-1.0), 'temperature'),
        (set_entry('temperature', value=True), 'temperature'),
        (set_entry('temperature', value='1'), 'temperature'),
        (set_entry('temperature', value=10**400), 'temperature'),
        (set_entry('temprature', value=1.0), 'temprature'),
        (set_entry('input', value=[]), 'input'),
        (set_entry('input', 'size', value=48.5), 'input.size'),
        (set_entry('input', 'size', value=0), 'input.size'),
        (set_entry('input', 'size', value=100000), 'input.size'),
        (set_entry('input', 'channels', value='grey'), 'input.channels'),
        (set_entry('input', 'normalisation', 'scale', value=0), 'normalisation'),
        (set_entry('input', 'normalisation', 'mean', value=None), 'normalisation.mean'),
        (set_entry('input', 'normalisation', 'std', value=1), 'normalisation.std'),
        (set_entry('input', 'crop_geometry', 'box_scale', value=1.2), 'fer2013'),
        (set_entry('input', 'crop_geometry', 'box_scale', value=-1), 'box_scale'),
        (set_entry('input', 'crop_geometry', 'center', value=[0.5]), 'center'),
        (set_entry('files', value={}), 'files'),
        (set_entry('files', 'onnx', 'layout', value='CHW'), 'layout'),
        (set_entry('files', 'onnx', 'sha256', value='abc'), 'sha256'),
        (lambda entries: entries['files'].update(keras=entries['files']['onnx']), 'keras'),
        (set_entry('check', 'seed', value=-1), 'check.seed'),
        (set_entry('check', 'tolerance', value=0), 'check.tolerance'),
        (set_entry('check', 'tolerance', value=1), 'check.tolerance'),
        (lambda entries: entries['check']['probabilities'].pop('sad'), 'check.probabilities'),
        (set_entry('check', 'probabilities', 'calm', value=0.0), 'check.probabilities'),
        (set_entry('check', 'probabilities', 'sad', value=1.5), 'sad'),
        (set_entry('check', 'probabilities', value=[0.1] * 7), 'check.probabilities'),
        (lambda entries: entries.pop('check'), "'check' is missing"),
        (lambda entries: entries.pop('fingerprint'), "'fingerprint' is missing"),
        (set_entry('metrics', value=[1]), 'metrics'),
        (set_entry('parameters', value=-1), 'parameters'),
    ],
)
def test_a_wrong_entry_is_named(card: ModelCard, change: Edit, named: str) -> None:
    edit(card, change)
    assert named in error_of(card)


@pytest.mark.parametrize(
    'name', ['/etc/passwd', '../model.onnx', '..', '.', 'a/b.onnx', 'a\\b.onnx', 'C:x', 'a\0b']
)
def test_a_file_outside_the_folder_is_refused(card: ModelCard, name: str) -> None:
    edit(card, set_entry('files', 'onnx', 'file', value=name))
    assert 'plain name' in error_of(card)


@pytest.mark.parametrize('swap', [(0, 1), (2, 6), (4, 5)])
def test_labels_swapped_by_hand_are_detected(card: ModelCard, swap: tuple[int, int]) -> None:
    a, b = swap

    def change(entries: dict) -> None:
        labels, check = entries['labels'], entries['check']['probabilities']
        labels[a], labels[b] = labels[b], labels[a]
        # The check made to agree with the new order: only the fingerprint can tell.
        check[LABELS[a]], check[LABELS[b]] = check[LABELS[b]], check[LABELS[a]]

    edit(card, change)
    assert 'fingerprint' in error_of(card)


@pytest.mark.parametrize(
    ('content', 'named'),
    [
        (b'', 'JSON'),
        (b'{"format": 1', 'JSON'),
        (b'[1]', 'JSON object'),
        (b'{"format": 1, "temperature": NaN}', 'NaN'),
        (b'{"format": 1, "format": 1}', 'format'),
        ('{"name": "ä"}'.encode('latin-1'), 'UTF-8'),
        (b'[' * 100_000, 'JSON'),
        (b'{"format": 1, "description": "' + b'a' * (1 << 20) + b'"}', 'larger'),
    ],
)
def test_a_broken_card_is_detected(card: ModelCard, content: bytes, named: str) -> None:
    card.path.write_bytes(content)
    assert named in error_of(card)


def test_a_folder_without_a_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r'nowhere/card\.json'):
        ModelCard.read(tmp_path / 'nowhere')


def test_a_missing_file_is_named(card: ModelCard) -> None:
    (card.folder / 'model.onnx').unlink()
    assert 'model.onnx' in error_of(card)


def test_an_altered_file_is_named_with_both_hashes(card: ModelCard) -> None:
    with (card.folder / 'model.onnx').open('ab') as stream:
        stream.write(b'x')
    message = error_of(card)
    assert card.files['onnx'].sha256 in message
    assert ModelFile.describe(card.folder / 'model.onnx', 'NCHW').sha256 in message


def test_a_file_altered_after_reading_the_card_is_detected_on_use(card: ModelCard) -> None:
    (card.folder / 'model.onnx').write_bytes(b'other')
    with pytest.raises(ModelError, match='altered'):
        card.file_bytes('onnx')


def test_a_compressed_file_is_unpacked_after_its_hash_is_checked(card: ModelCard) -> None:
    graph = card.file_bytes('onnx')
    packed = card.folder / 'model.onnx.gz'
    packed.write_bytes(gzip.compress(graph))
    files = {'onnx': ModelFile.describe(packed, 'NCHW')}
    assert replace(card, files=files).write(card.folder).file_bytes('onnx') == graph


def test_a_file_that_is_not_compressed_as_its_name_says_is_named(card: ModelCard) -> None:
    packed = card.folder / 'model.onnx.gz'
    for content in (b'plain', gzip.compress(b'graph')[:-4]):
        packed.write_bytes(content)
        files = {'onnx': ModelFile.describe(packed, 'NCHW')}
        with pytest.raises(ModelError, match=r'model\.onnx\.gz is not a gzip file'):
            replace(card, files=files).write(card.folder)


def test_a_missing_format_is_answered_with_the_available_ones(card: ModelCard) -> None:
    with pytest.raises(ModelError, match='offers onnx'):
        card.file_bytes('litert')


def test_writing_a_wrong_card_keeps_the_old_one(card: ModelCard) -> None:
    before = card.path.read_bytes()
    with pytest.raises(ModelError, match=r'metrics|JSON'):
        replace(card, metrics={'accuracy': math.nan}).write(card.folder)
    other = ModelFile('model.onnx', '0' * 64, 'NCHW')
    with pytest.raises(ModelError, match='altered'):
        replace(card, files={'onnx': other}).write(card.folder)
    assert card.path.read_bytes() == before
    assert sorted(path.name for path in card.folder.iterdir()) == ['card.json', 'model.onnx']


def test_a_card_with_invalid_values_cannot_be_built(card: ModelCard) -> None:
    with pytest.raises(ModelError, match='temperature'):
        replace(card, temperature=math.inf)
    with pytest.raises(ModelError, match='twice: happy'):
        replace(card, labels=('happy', 'happy'))
    with pytest.raises(ModelError, match=r'input\.size'):
        ModelInput(4, 'gray', FER2013, card.input.normalisation)
    with pytest.raises(ModelError, match='normalisation'):
        Normalisation(math.nan, 1.0)
