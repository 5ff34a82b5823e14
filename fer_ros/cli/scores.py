"""The results of a picture as text."""

from __future__ import annotations

from fer_ros.core.types import EmotionSet, FaceEmotion

#: Width of the longest bar in columns.
_WIDTH = 24


def report(name: str, emotions: EmotionSet) -> str:
    """Return the faces of a picture with their scores in descending order, as lines of text."""
    number = len(emotions.faces)
    lines = [
        f'{name}: {number or "no"} face{"" if number == 1 else "s"} '
        f'({emotions.image_width}x{emotions.image_height}, model {emotions.model_name})'
    ]
    for face in emotions.faces:
        lines += _face(face, emotions.class_names)
    return '\n'.join(lines)


def _face(face: FaceEmotion, class_names: tuple[str, ...]) -> list[str]:
    box = face.box
    lines = [
        f'  {face.face_id}: {face.label_text}, {round(box.width)}x{round(box.height)} at '
        f'({round(box.x)}, {round(box.y)})'
    ]
    widest = max(map(len, class_names))
    for index in (-face.probabilities).argsort():
        score = float(face.probabilities[index])
        bar = '#' * round(score * _WIDTH)
        lines.append(f'    {class_names[index]:<{widest}}  {score:6.1%}  {bar}'.rstrip())
    lines += [f'    {name}: {score:.1%}' for name, score in face.attributes.items()]
    return lines
