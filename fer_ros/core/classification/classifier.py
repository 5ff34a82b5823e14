"""Computes probabilities of apparent expressions, or of another attribute, from crops."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification.runtime import Graph, Runtime
from fer_ros.core.classification.select import select_runtime
from fer_ros.core.crop import CropSpec, resample_crop
from fer_ros.core.errors import GeometryError, ModelError
from fer_ros.core.models.card import ModelCard
from fer_ros.core.models.check import check_input

#: Largest batch. A runtime keeps the memory of its largest batch: hundreds of megabytes for 500
#: faces.
BATCH = 32


def softmax(logits: NDArray[np.float32], temperature: float = 1.0) -> NDArray[np.float32]:
    """Return probabilities of the same shape, over the last axis, for logits / temperature."""
    # The maximum is subtracted first, so that a small temperature causes no overflow.
    shifted = (logits - logits.max(axis=-1, keepdims=True)) / np.float32(temperature)
    exponentials: NDArray[np.float32] = np.exp(shifted, dtype=np.float32)
    exponentials /= exponentials.sum(axis=-1, keepdims=True)
    return exponentials


class Classifier:
    """A model in a runtime, created by load_classifier(). Several threads may call it.

    Attributes:
        name: Name of the model.
        task: The subject of the classes: 'expression', or a further attribute.
        class_names: In output order.
        model_hash: SHA-256 of the model file, hexadecimal.
        crop_spec: Specification of the crops that classify() takes.
        runtime_name: The runtime.
        runtime_reason: Why this runtime was chosen, for the log.
    """

    def __init__(self, card: ModelCard, runtime: Runtime, runtime_reason: str) -> None:
        entry = card.files[runtime.file_format]
        self.name = card.name
        self.task = card.task
        self.class_names = card.labels
        self.model_hash = entry.sha256
        self.crop_spec = card.crop_spec
        self.runtime_name = runtime.name
        self.runtime_reason = runtime_reason
        self._runtime = runtime
        self._temperature = card.temperature
        self._mean = np.float32(card.input.normalisation.mean)
        self._scale = np.float32(card.input.normalisation.scale)
        self._planes_first = entry.layout == 'NCHW'
        self._inputs = np.empty((1, *input_shape(card.crop_spec, entry.layout)), np.float32)
        self._turn = threading.Lock()

    @property
    def score_names(self) -> list[str]:
        """Return task.label for each class, such as gender.woman: the scores of an attribute."""
        return [f'{self.task}.{label}' for label in self.class_names]

    @property
    def description(self) -> str:
        """Return a description of model, classes and runtime for the log."""
        return f'model {self.name} ({", ".join(self.class_names)}) on {self.runtime_reason}'

    def classify(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return probabilities, (N, K) float32, for N crops that fit crop_spec.

        Args:
            crops: uint8, in the shape and channel order of crop_spec.

        Raises:
            GeometryError: A crop has another shape or type.
            ModelError: An output is not finite.
        """
        logits = self.logits(crops)
        return softmax(logits, self._temperature) if len(logits) else logits

    def logits(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return the output of the graph before temperature and softmax, (N, K) float32."""
        for crop in crops:
            self._check_crop(crop)
        if not len(crops):
            return np.empty((0, len(self.class_names)), np.float32)
        with self._turn:
            logits = np.concatenate(
                [
                    self._runtime.run(self._normalised(crops[i : i + BATCH]))
                    for i in range(0, len(crops), BATCH)
                ]
            )
        broken = np.flatnonzero(~np.isfinite(logits).all(axis=1))
        if broken.size:
            raise ModelError(
                f'model {self.name!r} gives values that are not finite with {self.runtime_name} '
                f'({broken.size} of {len(crops)} crops): its weights or its normalisation are '
                'broken; export it again, or choose another runtime'
            )
        return logits

    def prepare(self, image: NDArray[np.uint8], source: CropSpec) -> NDArray[np.uint8]:
        """Convert a crop for another model to a crop for this one.

        Raises:
            GeometryError: The framing differs, or the crop is gray and the model takes colour. The
                error names both.
        """
        return resample_crop(image, source, self.crop_spec)

    def _check_crop(self, crop: NDArray[np.uint8]) -> None:
        if crop.shape != self.crop_spec.shape or crop.dtype != np.uint8:
            raise GeometryError(
                f'model {self.name!r} takes uint8 crops of shape {self.crop_spec.shape} '
                f'({self.crop_spec}), not {crop.dtype} of shape {crop.shape}: cut them with its '
                'crop_spec, or convert them with prepare()'
            )

    def _normalised(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Fill the buffer, which grows to the largest batch and stays, with normalised crops."""
        if len(self._inputs) < len(crops):
            self._inputs = np.empty((len(crops), *self._inputs.shape[1:]), np.float32)
        inputs = self._inputs[: len(crops)]
        for target, crop in zip(inputs, crops, strict=True):
            pixels = crop.reshape(*crop.shape[:2], -1)
            if self._planes_first:
                pixels = pixels.transpose(2, 0, 1)
            np.subtract(pixels, self._mean, out=target)
        inputs *= self._scale
        return inputs


def load_classifier(
    card: ModelCard, runtime: str = 'auto', threads: int = 1, device: str = 'cpu'
) -> Classifier:
    """Return the model of a card, loaded and checked.

    Args:
        card: Card of the model.
        runtime: 'auto', 'litert', 'onnxruntime' or 'opencv'.
        threads: Processor threads of the runtime, >= 1.
        device: A key of PROVIDERS. The results of each device are checked.

    Raises:
        ModelError: The runtime or its file cannot be used, the file was altered, or the output for
            the check input of the card differs from the card.
    """
    if threads < 1:
        raise ModelError(f'threads must be at least 1, not {threads}')
    runtime_class, reason = select_runtime(runtime, card, device)
    entry = card.files[runtime_class.file_format]
    graph = Graph(
        data=card.file_bytes(runtime_class.file_format),
        source=str(card.folder / entry.file),
        input_shape=input_shape(card.crop_spec, entry.layout),
        classes=len(card.labels),
    )
    reason += '' if device == 'cpu' else f'; on {device}'
    classifier = Classifier(card, runtime_class(graph, threads, device), reason)
    _compare_with_check(classifier, card, graph.source)
    return classifier


def input_shape(spec: CropSpec, layout: str) -> tuple[int, int, int]:
    """Return the shape of a crop in a graph's layout, 'NHWC' or 'NCHW'."""
    height, width, channels = (*spec.shape, 1)[:3]
    return (channels, height, width) if layout == 'NCHW' else (height, width, channels)


def _compare_with_check(classifier: Classifier, card: ModelCard, source: str) -> None:
    check = card.check
    found = classifier.classify([check_input(card.crop_spec, check.seed)])[0]
    expected = np.array([check.probabilities[label] for label in card.labels])
    if _close(found, expected, check.tolerance):
        return
    if _close(np.sort(found), np.sort(expected), check.tolerance):
        reason = 'the outputs are in another order than the labels'
    else:
        reason = 'labels and file do not match, or the runtime computes other values'
    says = ', '.join(
        f'{label} {now:.4f} instead of {then:.4f}'
        for label, now, then in zip(card.labels, found, expected, strict=True)
        if abs(now - then) > check.tolerance
    )
    raise ModelError(
        f'{source}: the output for the check input with {classifier.runtime_name} differs from '
        f'{card.path.name} ({says}): {reason}. Export the model again, or choose another '
        'runtime.'
    )


def _close(a: NDArray[np.floating], b: NDArray[np.floating], tolerance: float) -> bool:
    return bool(np.abs(a - b).max() <= tolerance)
