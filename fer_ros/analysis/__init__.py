"""Three lines of Python: `analyze` for pictures, `track` for videos, cameras and streams.

    import fer_ros
    faces = fer_ros.analyze('party.jpg')
    print([face.label for face in faces])

The detector and the models are loaded at the first call and kept. Calls from several threads run
one after the other.
"""

from fer_ros.analysis.faces import Face, Faces, Pictures, TrackedFrame
from fer_ros.analysis.pictures import Picture, analyze
from fer_ros.analysis.sequences import Tracking, track

__all__ = [
    'Face',
    'Faces',
    'Picture',
    'Pictures',
    'TrackedFrame',
    'Tracking',
    'analyze',
    'track',
]
