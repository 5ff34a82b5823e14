"""The card of the dashboard with the current apparent expressions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nicegui import ui

from fer_ros.core.types import EmotionSet, FaceEmotion
from fer_ros.web.colours import web_colour
from fer_ros.web.pages.card import Card
from fer_ros.web.pages.elements import FaceCards
from fer_ros.web.state.health import Situation
from fer_ros.web.state.people import People, left_to_right
from fer_ros.web.texts import Texts

#: Largest number of faces that are shown. The largest faces are shown.
MOST_FACES = 6

#: Explanations of the figures of a face.
FACE_NUMBERS = (
    (
        'percent',
        'How probable the model finds this expression for the face. The sum over all expressions '
        'is 100 %.',
    ),
    (
        'uncertain',
        'No expression is currently probable enough. A label with a question mark is the previous '
        'label.',
    ),
    (
        'person 1',
        'People are counted in the order in which they appear. A person who returns gets a new '
        'number, because people are not recognised.',
    ),
    ('letters next to it', 'The id of the face in topics and in the API.'),
)


class FacesCard(Card):
    """The faces in view, from left to right."""

    def __init__(self, texts: Texts, people: People) -> None:
        super().__init__(texts)
        self._people = people
        with ui.element('section').classes('card now'):
            self._title('In view: apparent expressions')
            self._cards = FaceCards().classes('live')
            self._nobody = ui.label().classes('quiet nothing live')
            self._lost()
            ui.label(texts('What a face looks like to a model, not what a person feels.')).classes(
                'quiet remark'
            )
            self._meanings(FACE_NUMBERS)

    def show(self, situation: Situation, emotions: EmotionSet | None) -> None:
        """Show the faces, or why there is none."""
        self._nobody.set_text(
            self._text('Searching for a face.' if situation.is_running else 'No results arrive.')
        )
        faces = []
        if emotions is not None:
            faces = [
                face_card(face, emotions, self._people.number(face.face_id))
                for face in largest(emotions.faces)
            ]
        self._cards.show(faces=faces)
        self._nobody.set_visibility(not faces)


def largest(faces: Iterable[FaceEmotion]) -> list[FaceEmotion]:
    """Return the largest faces, in the order from left to right."""
    return left_to_right(sorted(faces, key=lambda face: -face.box.area)[:MOST_FACES])


def face_card(face: FaceEmotion, emotions: EmotionSet, person: int) -> dict[str, Any]:
    """Return the values that are shown for a face."""
    names = emotions.class_names
    return {
        'id': face.face_id,
        'person': person,
        'label': face.label_text,
        'confidence': round(face.confidence, 2),
        'looks': face.looks,
        'colour': web_colour(face.label_now, names),
        'bars': [
            {'name': name, 'value': round(float(value), 2), 'colour': web_colour(name, names)}
            for name, value in zip(names, face.probabilities, strict=True)
        ],
        'attributes': [
            {'name': name, 'value': round(score, 2)} for name, score in face.attributes.items()
        ],
    }
