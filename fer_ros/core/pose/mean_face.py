"""Five points of a mean face, and how far people differ from it.

In the face's frame of REP-155: x out of the face, y to the person's left, z up, origin between the
eyes. Rows are those of Detection.landmarks: the person's right eye comes first.
"""

from __future__ import annotations

import numpy as np

#: Metres. Eyes are 63 mm apart, the mean interpupillary breadth of adults (Dodgson, Variation and
#: extrema of human interpupillary distance, 2004). The rest was measured in units of that:
#: factorising the landmarks that RetinaFace finds on 2928 FER2013 pictures gives shape and poses
#: together, and tells widths and heights to a millimetre. It tells depth less well: the nose tip
#: lies 29 mm before the eyes by it, 39 mm on the mean of the scanned heads of the Basel Face
#: Model (Paysan et al., 2009). The value here lies between, and STDDEV covers both. Pitch 0 is how
#: people hold their heads on those pictures: looking into the camera.
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

#: Metres: standard deviation of each point between people and expressions, along each axis. From
#: what that factorisation leaves, times the root of 10 / 4: six of ten numbers go into a pose.
STDDEV = np.array([0.0020, 0.0020, 0.0040, 0.0045, 0.0045])
STDDEV.flags.writeable = False

#: Relative standard deviation of the size of faces: that of the interpupillary breadth, 3.6 mm.
SIZE_STDDEV = 0.057

#: From the origin of the face's frame to the centre of the face's reference box, metres.
TO_CENTER = np.array([0.0, 0.0, -0.030])
TO_CENTER.flags.writeable = False
