"""The interface of all inference runtimes, and the graph that they run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import ModelError


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph that computes logits from crops.

    Attributes:
        data: Content of the file.
        source: Where the data came from, for errors.
        input_shape: Shape of one crop, in the layout of the file: (S, S, C) or (C, S, S).
        classes: Number of logits.
    """

    data: bytes
    source: str
    input_shape: tuple[int, int, int]
    classes: int


class Runtime(ABC):
    """A library that runs a graph. Only one thread may call it at a time.

    Attributes:
        name: Value of the parameter `runtime`.
        title: Name of the library in texts.
        file_format: Key of the file in the card.
        devices: Where it can run graphs.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    file_format: ClassVar[str]
    devices: ClassVar[tuple[str, ...]] = ('cpu',)

    @classmethod
    @abstractmethod
    def why_missing(cls) -> str | None:
        """Return why the library cannot be used here, with the remedy. None if it can be used."""

    @abstractmethod
    def __init__(self, graph: Graph, threads: int, device: str = 'cpu') -> None:
        """Load a graph.

        Raises:
            ModelError: The library cannot load it, or its shapes differ from the card.
        """

    @abstractmethod
    def run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return logits (N, classes) for normalised crops (N, *input_shape), N >= 1."""

    def _refusal(self, graph: Graph, reason: object) -> ModelError:
        return ModelError(
            f'{graph.source}: {self.title} cannot run it: {reason}. Export the model again, or '
            'choose another runtime.'
        )

    def _check_shapes(
        self, graph: Graph, input_shape: tuple[object, ...], output_size: object
    ) -> None:
        """Compare the shapes of the graph with the card. A name in a shape means any size."""
        free = [isinstance(size, int) and size > 0 for size in input_shape]
        fits = len(input_shape) == 3 and all(
            not known or size == expected
            for size, expected, known in zip(input_shape, graph.input_shape, free, strict=True)
        )
        if not fits:
            raise self._refusal(
                graph, f'a crop for it is {input_shape}, but the card says {graph.input_shape}'
            )
        if isinstance(output_size, int) and output_size != graph.classes:
            raise self._refusal(
                graph, f'it has {output_size} outputs, but the card has {graph.classes} labels'
            )
