"""The choice of the runtime, its reason, and the errors."""

from __future__ import annotations

import platform
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.tiny_model import TinyNetwork, litert_bytes, onnx_bytes, write_tiny_model

from fer_ros.core.classification import RUNTIMES, load_classifier
from fer_ros.core.classification.runtime import Graph
from fer_ros.core.classification.select import select_runtime
from fer_ros.core.errors import ModelError
from fer_ros.core.models import ModelCard, ModelFile

MODULES = {
    'litert': ['ai_edge_litert', 'ai_edge_litert.interpreter', 'tflite_runtime.interpreter'],
    'onnxruntime': ['onnxruntime'],
}


def without(monkeypatch: pytest.MonkeyPatch, *runtimes: str) -> None:
    for runtime in runtimes:
        for module in MODULES[runtime]:
            monkeypatch.setitem(sys.modules, module, None)


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    """A card with both files; nothing runs them."""
    folder = tmp_path / 'tiny'
    card = write_tiny_model(folder, formats=['onnx'])
    (folder / 'model.tflite').write_bytes(b'never run')
    litert = ModelFile.describe(folder / 'model.tflite', 'NHWC')
    return replace(card, files={**card.files, 'litert': litert}).write(folder)


@pytest.fixture
def onnx_card(tmp_path: Path) -> ModelCard:
    return write_tiny_model(tmp_path / 'onnx', formats=['onnx'])


@pytest.mark.parametrize(
    ('machine', 'first', 'absent'),
    [
        ('x86_64', 'onnxruntime', []),
        ('x86_64', 'litert', ['onnxruntime']),
        ('aarch64', 'litert', []),
        ('aarch64', 'onnxruntime', ['litert']),
    ],
)
def test_auto_takes_the_first_installed_runtime_for_the_processor(
    card: ModelCard,
    monkeypatch: pytest.MonkeyPatch,
    machine: str,
    first: str,
    absent: list[str],
) -> None:
    monkeypatch.setattr(platform, 'machine', lambda: machine)
    missing = RUNTIMES[first].why_missing()
    if missing is not None:
        pytest.skip(f'{first}: {missing}')
    without(monkeypatch, *absent)
    assert select_runtime('auto', card)[0].name == first


def test_auto_skips_missing_runtimes_and_says_so(
    card: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, 'litert', 'onnxruntime')
    runtime, reason = select_runtime('auto', card)
    assert runtime.name == 'opencv'
    assert 'pip install ai-edge-litert' in reason
    assert 'pip install onnxruntime' in reason


def test_auto_skips_runtimes_without_a_model_file(
    onnx_card: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, 'onnxruntime')
    runtime, reason = select_runtime('auto', onnx_card)
    assert runtime.name == 'opencv'
    assert 'no litert file' in reason


def test_a_model_runs_with_opencv_only(
    onnx_card: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, 'litert', 'onnxruntime')
    classifier = load_classifier(onnx_card)
    assert classifier.runtime_name == 'opencv'
    crops = [np.zeros((12, 12), np.uint8)] * 5
    assert classifier.classify(crops).shape == (5, 7)


@pytest.mark.parametrize('name', ['litert', 'onnxruntime'])
def test_a_requested_runtime_that_is_not_installed_is_an_error(
    card: ModelCard, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    without(monkeypatch, name)
    with pytest.raises(ModelError, match=rf'cannot run with {name}.*pip install'):
        load_classifier(card, name)


def test_a_requested_runtime_without_a_file_is_answered_with_the_available_ones(
    onnx_card: ModelCard,
) -> None:
    with pytest.raises(ModelError, match='no litert file, only onnx'):
        load_classifier(onnx_card, 'litert')


def test_an_unknown_runtime_is_answered_with_the_known_ones(card: ModelCard) -> None:
    with pytest.raises(ModelError, match='auto, litert, onnxruntime, opencv'):
        load_classifier(card, 'tensorflow')


def test_without_any_runtime_the_error_gives_each_reason(
    card: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, 'machine', lambda: 'x86_64')
    without(monkeypatch, 'litert', 'onnxruntime')
    litert_only = replace(card, files={'litert': card.files['litert']})
    with pytest.raises(ModelError, match=r'not onnxruntime.*not litert.*not opencv'):
        load_classifier(litert_only)


def test_importing_the_core_imports_no_slow_module() -> None:
    code = (
        'import sys, fer_ros.analysis\n'
        'print([m for m in sys.modules if m.split(".")[0] in '
        '("onnxruntime", "ai_edge_litert", "tflite_runtime", "tensorflow", "scipy")])'
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, '-c', code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == '[]'


def graph_bytes(runtime: str, network: TinyNetwork) -> bytes:
    return litert_bytes(network) if runtime == 'litert' else onnx_bytes(network)


def input_shape(runtime: str) -> tuple[int, int, int]:
    return (12, 12, 1) if runtime == 'litert' else (1, 12, 12)


def test_a_file_that_is_not_a_graph_is_refused_by_name(runtime: str) -> None:
    graph = Graph(b'no graph at all', 'folder/model', input_shape(runtime), 7)
    with pytest.raises(ModelError, match='folder/model'):
        RUNTIMES[runtime](graph, 1)


def test_a_truncated_graph_is_refused_by_name(runtime: str) -> None:
    data = graph_bytes(runtime, TinyNetwork(7))
    graph = Graph(data[: len(data) // 2], 'folder/model', input_shape(runtime), 7)
    with pytest.raises(ModelError, match='folder/model'):
        RUNTIMES[runtime](graph, 1)


def test_a_graph_with_another_number_of_outputs_is_refused(runtime: str) -> None:
    data = graph_bytes(runtime, TinyNetwork(5))
    graph = Graph(data, 'folder/model', input_shape(runtime), 7)
    with pytest.raises(ModelError, match='5 outputs, but the card has 7 labels'):
        RUNTIMES[runtime](graph, 1)
