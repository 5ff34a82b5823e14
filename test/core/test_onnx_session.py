"""Devices are chosen by name and logged, and never replaced silently by the processor.

No other device than the processor is available here, so a mock of onnxruntime simulates one.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from support.tiny_model import write_tiny_model

from fer_ros.core.classification import load_classifier
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.detection.select import create_detector
from fer_ros.core.errors import DetectorError, DeviceError, ModelError
from fer_ros.core.models import ModelStore
from fer_ros.core.models.card import ModelCard
from fer_ros.core.onnx_session import PROVIDERS, create_session

onnxruntime = pytest.importorskip('onnxruntime')


@pytest.fixture
def cuda_offered(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Let onnxruntime offer CUDA; yield the providers that sessions requested."""
    asked: list[list[str]] = []
    real = onnxruntime.InferenceSession

    def session(data: bytes, options: object, providers: list[str]) -> SimpleNamespace:
        asked.append(providers)
        made = real(data, options, providers=['CPUExecutionProvider'])
        return SimpleNamespace(
            get_providers=lambda: [*providers, 'CPUExecutionProvider'],
            get_inputs=made.get_inputs,
            get_outputs=made.get_outputs,
            run=made.run,
        )

    monkeypatch.setattr(onnxruntime, 'InferenceSession', session)
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: [*PROVIDERS.values()])
    return asked


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return write_tiny_model(tmp_path / 'model')


def test_a_device_that_onnxruntime_does_not_support_is_answered_with_the_supported_ones(
    card, monkeypatch
) -> None:
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: ['CPUExecutionProvider'])
    reason = r"device 'cuda'.*no CUDAExecutionProvider, only CPUExecutionProvider"
    with pytest.raises(ModelError, match=reason):
        load_classifier(card, device='cuda')
    with pytest.raises(DetectorError, match=f'RetinaFace cannot run on its {reason}'):
        create_detector(DetectorConfig(device='cuda'), ModelStore())


def test_a_session_that_fell_back_to_the_processor_is_refused(
    card: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: [*PROVIDERS.values()])
    monkeypatch.setattr(
        onnxruntime,
        'InferenceSession',
        lambda *args, **kwargs: SimpleNamespace(get_providers=lambda: ['CPUExecutionProvider']),
    )
    with pytest.raises(DeviceError, match=r"device 'cuda'.*selected CPUExecutionProvider"):
        create_session(card.file_bytes('onnx'), device='cuda')


def test_auto_takes_the_runtime_and_the_detector_that_support_the_device(
    card: ModelCard, cuda_offered: list[list[str]]
) -> None:
    classifier = load_classifier(card, device='cuda')
    assert classifier.runtime_name == 'onnxruntime'
    assert classifier.runtime_reason.endswith('; on cuda')
    detector = create_detector(DetectorConfig(device='cuda'), ModelStore())
    assert detector.selection_reason == 'retinaface: it can run on cuda'
    assert cuda_offered == [['CUDAExecutionProvider']] * 2


@pytest.mark.parametrize('runtime', ['litert', 'opencv'])
def test_a_cpu_only_runtime_is_refused_for_another_device(card: ModelCard, runtime: str) -> None:
    with pytest.raises(ModelError, match='set device to cpu, or runtime to onnxruntime'):
        load_classifier(card, runtime, device='tensorrt')


@pytest.mark.parametrize('name', ['yunet', 'haar'])
def test_a_cpu_only_detector_is_refused_for_another_device(name: str) -> None:
    config = DetectorConfig(detector=name, device='openvino')
    with pytest.raises(DetectorError, match='set device to cpu, or detector to retinaface'):
        create_detector(config, ModelStore())


def test_another_device_loads_the_network_again(cuda_offered: list[list[str]]) -> None:
    detector = create_detector(DetectorConfig(detector='retinaface'), ModelStore())
    for device in ('cuda', 'cuda', 'cpu'):
        detector.set_config(DetectorConfig(detector='retinaface', device=device))
    assert cuda_offered == [[PROVIDERS[device]] for device in ('cpu', 'cuda', 'cpu')]
