"""Models with their cards, and the search for them."""

from fer_ros.core.models.card import ModelCard
from fer_ros.core.models.card_parts import ModelFile, ModelInput, Normalisation
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
