"""Models with their cards, and where they lie."""

from fer_ros.core.models.card import ModelCard, ModelFile, ModelInput, Normalisation
from fer_ros.core.models.check import ModelCheck, check_input, choose_check
from fer_ros.core.models.store import DEFAULT_MODEL, ModelStore, user_model_folder

__all__ = [
    'DEFAULT_MODEL',
    'ModelCard',
    'ModelCheck',
    'ModelFile',
    'ModelInput',
    'ModelStore',
    'Normalisation',
    'check_input',
    'choose_check',
    'user_model_folder',
]
