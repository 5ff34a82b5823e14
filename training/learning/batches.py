"""Batches of a data set for the backend: shuffled, augmented and normalised."""

from __future__ import annotations

import math

import keras
import numpy as np
from numpy.typing import NDArray

from training.data.augment import AugmentConfig, augment_batch, mix_batch
from training.data.dataset import Dataset
from training.data.normalisation import normalise
from training.data.pictures import ArrayPictures, Pictures
from training.learning.relabel import ChangedCopies


class Batches(keras.utils.PyDataset):
    """Batches of (input, target[, weight]). Epoch e of a seed is always the same.

    Args:
        data: N pictures.
        targets: (N, K) float32.
        batch_size: Pictures per step.
        augment: Random changes. With None, the pictures come in order, unchanged, and the last
            batch can be smaller.
        weights: (N,) float32, or None.
        seed: Seed of order and changes.
        share: (k, n), the pictures k, k + n, ... of each batch, if n processes share it.
        copies: Each epoch uses the next of them instead of data and targets.
    """

    def __init__(
        self,
        data: Dataset,
        targets: NDArray[np.float32],
        batch_size: int,
        augment: AugmentConfig | None = None,
        weights: NDArray[np.float32] | None = None,
        seed: int = 0,
        share: tuple[int, int] = (0, 1),
        copies: ChangedCopies | None = None,
    ) -> None:
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=16)
        self._data = data
        self._targets = targets
        self._weights = weights
        self._batch_size = batch_size
        self._augment = augment
        self._seed = seed
        self._share = share
        self._copies = copies
        self.begin_epoch(0)

    def __len__(self) -> int:
        if self._augment is None:
            return math.ceil(len(self._data) / self._batch_size)
        return max(len(self._data) // self._batch_size, 1)

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], ...]:
        first, every = self._share
        start, stop = index * self._batch_size, (index + 1) * self._batch_size
        which = self._order[start:stop][first::every]
        images, targets = self._pictures.load(which), self._targets[which]
        if self._augment is None:
            inputs = normalise(images)
        else:
            of_share = (first,) if first else ()
            rng = np.random.default_rng((self._seed, self._epoch, index, *of_share))
            inputs = normalise(augment_batch(images, self._augment, rng))
            if self._augment.mixup:
                inputs, targets = mix_batch(inputs, targets, self._augment.mixup, rng)
        if self._weights is None:
            return inputs, targets
        return inputs, targets, self._weights[which]

    def begin_epoch(self, epoch: int) -> None:
        """Select the order and the changes of an epoch.

        Keras's own hooks do not pass its number.
        """
        self._epoch = epoch
        self._order = self._draw_order()
        self._pictures: Pictures = self._data.pictures
        if self._copies is not None:
            number = epoch % self._copies.count
            self._pictures = ArrayPictures(self._copies.pictures(number))
            self._targets = self._copies.targets(number)

    def _draw_order(self) -> NDArray[np.int64]:
        if self._augment is None:
            return np.arange(len(self._data))
        return np.random.default_rng((self._seed, self._epoch)).permutation(len(self._data))
