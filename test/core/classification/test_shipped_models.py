"""The shipped models give the same result in every installed runtime."""

from __future__ import annotations

import numpy as np
import pytest
from support.people import groups

from fer_ros.core.classification import RUNTIMES, load_classifier
from fer_ros.core.crop import cut_crop
from fer_ros.core.models import ModelStore, check_input
from fer_ros.core.types import Detection, Frame

#: Of the checkout, or of the wheel if the tests run without a checkout.
NAMES = ModelStore().names()
#: Largest difference of a probability for the same crop.
PARITY = 1e-4


@pytest.fixture(scope='module')
def faces(portraits) -> list[tuple[Frame, Detection]]:
    """Thirty faces with their pictures."""
    return [
        (Frame(still.image, 'bgr8', 0), Detection(box, 1.0))
        for still in groups().values()
        for box in still.faces
    ]


@pytest.mark.parametrize('name', NAMES)
def test_every_runtime_gives_the_same_probabilities(name, faces):
    card = ModelStore().load_card(name)
    crops = [cut_crop(frame, face, card.crop_spec).image for frame, face in faces]
    crops += [check_input(card.crop_spec, seed) for seed in range(20)]
    found = {
        runtime: load_classifier(card, runtime).classify(crops)
        for runtime, kind in RUNTIMES.items()
        if kind.why_missing() is None
    }
    for runtime, probabilities in found.items():
        difference = float(np.abs(probabilities - found['opencv']).max())
        assert difference <= PARITY, f'{runtime} and opencv differ by {difference:.1e}'
