"""The card of the current model: its description, labels and limits."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from fer_ros.core.errors import ModelError
from fer_ros.core.models import DEFAULT_MODEL, ModelCard, ModelStore


class ModelCards:
    """Finds cards by name and keeps the last one.

    Args:
        folders: The folders to search first, as in ModelStore.
        given: The model that the program was started with, a name or a folder.
    """

    def __init__(self, folders: Sequence[str] = (), given: str = DEFAULT_MODEL) -> None:
        self._store = ModelStore(folders)
        self._given = given
        self._lock = threading.Lock()
        self._last: tuple[str, str, ModelCard] | None = None

    def names(self) -> list[str]:
        """Return the names of the expression models on this machine."""
        return [name for name in self._store.names() if self._has_expressions(name)]

    def card(self, name: str, model_hash: str) -> ModelCard:
        """Return the card of the model that gave a result.

        Args:
            name: As in the result.
            model_hash: Hash of the file that ran, as in the result.

        Raises:
            ModelError: The model is not on this machine, or another model has its name.
        """
        with self._lock:
            if self._last is not None and self._last[:2] == (name, model_hash):
                return self._last[2]
            card = self._find(name, model_hash)
            self._last = name, model_hash, card
            return card

    def _find(self, name: str, model_hash: str) -> ModelCard:
        try:
            given = self._store.load_card(self._given)
        except ModelError:
            given = None
        if given is not None and _holds(given, model_hash):
            return given
        card = self._store.load_card(name)
        if not _holds(card, model_hash):
            raise ModelError(
                f'the model {name} on this machine differs from the current model: install the '
                'same models on both hosts'
            )
        return card

    def _has_expressions(self, name: str) -> bool:
        try:
            return self._store.load_card(name).task == 'expression'
        except ModelError:
            return False


def _holds(card: ModelCard, model_hash: str) -> bool:
    """Return whether a file of the model has this hash."""
    return model_hash in {file.sha256 for file in card.files.values()}
