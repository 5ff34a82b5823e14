"""The results of a picture as text."""

from __future__ import annotations

from fer_ros.core.errors import printable
from fer_ros.core.types import EmotionSet, FaceEmotion, Position

#: Width of the longest bar in columns.
_WIDTH = 24


def report(name: str, emotions: EmotionSet) -> str:
    """Return the faces of a picture with their scores in descending order, as lines of text."""
    number = len(emotions.faces)
    lines = [
        f'{printable(name)}: {number or "no"} face{"" if number == 1 else "s"} '
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
    if face.position is not None:
        lines.append(f'    {_place(face, face.position)}')
    return lines


def _place(face: FaceEmotion, position: Position) -> str:
    """Return where a face is, and how the head is turned if that is known."""
    text = f'position ({position.x:.2f}, {position.y:.2f}, {position.z:.2f}) m'
    if face.head_pose is not None:
        yaw, pitch, roll = face.head_pose.angles
        text += f', yaw {yaw:.0f}, pitch {pitch:.0f}, roll {roll:.0f} degrees'
    if face.attention is not None:
        text += f', attention {face.attention:.1%}'
    return text
