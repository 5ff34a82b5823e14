"""Five points of a mean face, and the differences of people from it.

In the face's frame of REP-155: x out of the face, y to the person's left, z up, origin between the
eyes. The rows are those of Detection.landmarks: the right eye of the person comes first.
"""

from __future__ import annotations

import numpy as np

#: Metres. Eyes are 63 mm apart, the mean interpupillary breadth of adults (Dodgson, Variation and
#: extrema of human interpupillary distance, 2004). The rest was measured in units of that. A
#: factorisation of the landmarks that RetinaFace finds on 2928 FER2013 pictures gives shape and
#: poses together. Widths and heights are exact to a millimetre, but depth is not: the nose tip is
#: 29 mm in front of the eyes, and 39 mm in the mean of the scanned heads of the Basel Face Model
#: (Paysan et al., 2009). The value here is in between, and STDDEV covers both. Pitch 0 is the mean
#: pose on those pictures: people look into the camera.
MEAN_FACE = np.array(
    [
        [0.0, -0.0315, 0.0],
        [0.0, 0.0315, 0.0],
        [0.0319, 0.0, -0.0374],
        [-0.0087, -0.0256, -0.0669],
        [-0.0087, 0.0256, -0.0669],
    ]
)
MEAN_FACE.flags.writeable = False

#: Standard deviation of each point between people and expressions along each axis, metres. It is
#: the residual of that factorisation times the root of 10 / 4, because a pose takes six of ten
#: numbers.
STDDEV = np.array([0.0020, 0.0020, 0.0040, 0.0045, 0.0045])
STDDEV.flags.writeable = False

#: Relative standard deviation of the size of faces: 3.6 mm of the interpupillary breadth.
SIZE_STDDEV = 0.057

#: From the origin of the face frame to the centre of the reference box, metres.
TO_CENTER = np.array([0.0, 0.0, -0.030])
TO_CENTER.flags.writeable = False
