"""How large a model folder is: weights, work, files."""

from __future__ import annotations

from typing import Any

from fer_ros.core.models import ModelCard
from training.errors import TrainingError


def size_figures(card: ModelCard) -> dict[str, Any]:
    """Return parameters, multiply-adds for one face, bytes of each file, and hashes.

    multiply_adds: None, and said, where no backend can load the network.
    """
    files = sorted(path for path in card.folder.iterdir() if path.name.startswith('model.'))
    return {
        'parameters': card.parameters,
        'multiply_adds': _multiply_adds(card),
        'bytes': {path.name: path.stat().st_size for path in files},
        'sha256': {key: file.sha256 for key, file in card.files.items()},
    }


def _multiply_adds(card: ModelCard) -> int | None:
    from training.base.backend import choose_backend

    try:
        choose_backend()
        from training.commands.summary import multiply_adds
        from training.learning.networks import load_network

        return multiply_adds(load_network(card.folder))
    except TrainingError as error:
        print(f'multiply-adds of {card.name} are not counted: {error}')
        return None
