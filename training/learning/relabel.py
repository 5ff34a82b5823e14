"""Targets from the output of trained models, which run once on each picture before the training.

They can also run on changed copies of each picture. A student that is trained on the copies learns
the output of its teachers for a face that is dark, blurred or covered. In the method of Beyer et
al. 2022 (*Knowledge distillation: a good teacher is patient and consistent*), the teachers run in
every step. With a fixed number of copies, they run once on each copy.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import load_classifier, softmax
from fer_ros.core.models.card import ModelCard
from training.base.files import CACHES, keep_for_next_time
from training.data import augment, degradations, occlusions
from training.data.augment import AugmentConfig, augment_batch
from training.data.dataset import Dataset
from training.data.labels import map_labels
from training.data.pictures import CHUNK, ArrayPictures, Pictures, Selection
from training.errors import DataError
from training.evaluation.inference import logits_of

#: Logits of models for whole sets of pictures, by the content of both.
CACHE = CACHES / 'opinions'
#: Digests of changed copies, by what each copy was made from.
COPIES = CACHES / 'changed_copies'


def relabel(
    targets: NDArray[np.float32], data: Dataset, models: Sequence[Path], share: float
) -> NDArray[np.float32]:
    """Blend the averaged output of models into the targets.

    Each model runs on every picture and its mirror image, once.

    Args:
        targets: (N, K).
        data: N pictures.
        models: Model folders.
        share: Share of the output in the target, [0, 1].

    Returns:
        (N, K), (1 - share) targets + share output.

    Raises:
        DataError: A model lacks a class of the data.
    """
    probabilities = np.mean([predictions_of(folder, data) for folder in models], axis=0)
    return _blend(targets, probabilities, share)


class ChangedCopies:
    """A fixed number of changed copies of a data set, each with targets of its own.

    Copy c of a seed is always the same. It is created when it is read, so that only one is in
    memory. If the output of the models for a copy is in the cache, it is not created at the start.

    Args:
        data: N pictures.
        targets: (N, K) of the unchanged pictures.
        config: Configuration of the changes.
        models: Model folders that run on each copy.
        share: Share of their output in the target, [0, 1].
        count: Number of copies.
        seed: Seed of the changes.
    """

    def __init__(
        self,
        data: Dataset,
        targets: NDArray[np.float32],
        config: AugmentConfig,
        models: Sequence[Path],
        share: float,
        count: int,
        seed: int,
    ) -> None:
        self.count = count
        self._source, self._config, self._seed = data.pictures, config, seed
        self._source_digest = data.pictures.digest()
        self._targets = []
        for number in range(count):
            copy = replace(data, pictures=self._copy(number))
            probabilities = np.mean(
                [predictions_of(folder, copy, mirror=False) for folder in models], axis=0
            )
            self._targets.append(_blend(targets, probabilities, share))

    def pictures(self, number: int) -> NDArray[np.uint8]:
        """Return (N, S, S[, 3]) changed pictures."""
        return self._copy(number).load(slice(None))

    def _copy(self, number: int) -> _Copy:
        return _Copy(self._source, self._source_digest, self._config, (self._seed, number))

    def targets(self, number: int) -> NDArray[np.float32]:
        """Return (N, K) targets, the labels blended with the models' output for the copy."""
        return self._targets[number]


class _Copy(Pictures):
    """One changed copy of pictures. It is created when its pixels are read.

    Args:
        source: The unchanged pictures.
        source_digest: Their digest().
        config: Configuration of the changes.
        seed: Seed of the changes, and the number of the copy.
    """

    def __init__(
        self, source: Pictures, source_digest: str, config: AugmentConfig, seed: tuple[int, int]
    ) -> None:
        self._source, self._source_digest = source, source_digest
        self._config, self._seed = config, seed
        self.shape = source.shape

    def __len__(self) -> int:
        return len(self._source)

    def load(self, which: Selection | slice) -> NDArray[np.uint8]:
        """Return the chosen pictures as one array."""
        return self._pixels[which]

    def subset(self, which: Selection) -> ArrayPictures:
        """Return a copy of the chosen pictures."""
        return ArrayPictures(self._pixels[which])

    def _compute_digest(self) -> str:
        """Return the SHA-256 of all pixels, from the cache if this copy was made before."""
        path = COPIES / f'{self._recipe()}.npz'
        if path.exists():
            with np.load(path, allow_pickle=False) as archive:
                return str(archive['digest'])
        digest = super()._compute_digest()
        keep_for_next_time(path, digest=np.array(digest))
        return digest

    @cached_property
    def _pixels(self) -> NDArray[np.uint8]:
        parts = []
        for place, images in enumerate(self._source.chunks()):
            rng = np.random.default_rng((*self._seed, place))
            parts.append(augment_batch(images, self._config, rng))
        return np.concatenate(parts)

    def _recipe(self) -> str:
        """Return the SHA-256 of all that the pixels depend on."""
        versions = (np.__version__, cv2.__version__, CHUNK)
        parts = (self._source_digest, self._config, self._seed, versions)
        recipe = hashlib.sha256(repr(parts).encode())
        for module in (augment, degradations, occlusions):
            recipe.update(inspect.getsource(module).encode())
        return recipe.hexdigest()


def _blend(
    targets: NDArray[np.float32], probabilities: NDArray[np.float64], share: float
) -> NDArray[np.float32]:
    blended = targets * (1 - share) + probabilities * share
    return np.asarray(blended, np.float32)


def predictions_of(folder: Path, data: Dataset, mirror: bool = True) -> NDArray[np.float64]:
    """Return (N, K) probabilities over the data's classes.

    Args:
        folder: A model folder.
        data: The pictures.
        mirror: Average the output for each picture and its mirror image.

    Raises:
        DataError: The model lacks a class of the data.
    """
    card = ModelCard.read(folder)
    columns = [place for place in map_labels(card.labels, data.classes) if place is not None]
    if not len(columns) == len(card.labels) == len(data.classes):
        raise DataError(
            f'{folder} has the classes {", ".join(card.labels)}, but the data has '
            f'{", ".join(data.classes)}: --relabel needs the same classes'
        )
    sides = [softmax(logits, card.temperature) for logits in _cached_logits(card, data, mirror)]
    probabilities: NDArray[np.float64] = np.mean(sides, axis=0)[:, np.argsort(columns)]
    return probabilities


def _cached_logits(card: ModelCard, data: Dataset, mirror: bool) -> NDArray[np.float32]:
    """Return (1 or 2, N, K) logits of pictures and mirrors; of a large model they take minutes."""
    sides = (False, True) if mirror else (False,)
    files = ''.join(sorted(file.sha256 for file in card.files.values()))
    content = files + data.pictures.digest() + ('' if mirror else ' one side')
    path = CACHE / f'{hashlib.sha256(content.encode()).hexdigest()}.npz'
    if path.exists():
        with np.load(path, allow_pickle=False) as archive:
            kept: NDArray[np.float32] = archive['logits']
        return kept
    classifier = load_classifier(card)
    logits = np.stack([logits_of(classifier, data, side) for side in sides])
    keep_for_next_time(path, logits=logits)
    return logits
