"""The position of a face in front of the camera, from the size of its box.

It uses a pinhole model without lens distortion, and assumes the size of a face. The result
distinguishes near from far, but is not a measurement. Children have smaller faces, so they seem
further away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from fer_ros.core.types import Box, Position

#: Bizygomatic breadth in metres and its spread: mean of the means of 4082 men (0.1426) and 1986
#: women (0.1338) of ANSUR II (Gordon et al., 2012 Anthropometric Survey of U.S. Army Personnel).
FACE_WIDTH = 0.138
FACE_WIDTH_STDDEV = 0.0074

#: Height / width of the reference box, median of 333 frontal FER2013 pictures.
BOX_ASPECT = 1.305

#: Size of the reference box, as returned by _box_size, divided by the width of the face. On those
#: pictures, the distance of the eyes is 0.460 sizes. In ANSUR II, that of the pupils is 0.455 face
#: widths.
BOX_TO_FACE = 0.99

#: Relative standard deviation of the size of the box of one face, from the detector and from
#: turning.
BOX_SPREAD = 0.06

_POLYNOMIAL = (4, 5, 8, 12, 14)

#: Distortion models that are corrected, and the numbers of coefficients that OpenCV takes.
DISTORTION_MODELS = {
    'plumb_bob': _POLYNOMIAL,
    'rational_polynomial': _POLYNOMIAL,
    'equidistant': (4,),
}

#: Field of view of an unknown camera, degrees: that of a typical webcam.
HORIZONTAL_FOV = 60.0


@dataclass(frozen=True, slots=True)
class CameraModel:
    """A pinhole camera as sensor_msgs/CameraInfo describes it; wrong values raise ValueError.

    Attributes:
        width: Width of the image in pixels, > 0.
        height: Height of the image in pixels, > 0.
        fx: Horizontal focal length in pixels, > 0.
        fy: Vertical focal length in pixels, > 0.
        cx: Horizontal position of the principal point in pixels. Pixel centres are integers.
        cy: Vertical position of the principal point in pixels.
        distortion: Finite coefficients. Head poses use them, but positions ignore them.
        distortion_model: Model of the coefficients. A model outside DISTORTION_MODELS is ignored.
        rectification: 3x3 matrix, row by row. It is only published, like the projection.
        projection: 3x4 matrix, row by row. If empty, it is computed from fx, fy, cx and cy.
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0)
    distortion_model: str = 'plumb_bob'
    rectification: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    projection: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f'an image must have pixels, got {self.width} x {self.height}')
        if not (0.0 < self.fx < math.inf and 0.0 < self.fy < math.inf):
            raise ValueError(f'focal lengths must be above 0, got {self.fx} and {self.fy}')
        if not math.isfinite(self.cx + self.cy):
            raise ValueError(f'the principal point must be finite, got {self.cx}, {self.cy}')
        if not all(map(math.isfinite, self.distortion)):
            raise ValueError(f'the distortion must be finite, got {self.distortion}')
        counts = DISTORTION_MODELS.get(self.distortion_model, ())
        if any(self.distortion) and counts and len(self.distortion) not in counts:
            raise ValueError(
                f'{self.distortion_model} must have {" or ".join(map(str, counts))} distortion '
                f'coefficients, got {len(self.distortion)}'
            )
        if len(self.rectification) != 9:
            raise ValueError(
                f'the rectification must have 9 numbers, got {len(self.rectification)}'
            )
        if not self.projection:
            fx, fy, cx, cy = self.fx, self.fy, self.cx, self.cy
            projection = (fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0)
            object.__setattr__(self, 'projection', projection)
        if len(self.projection) != 12:
            raise ValueError(f'the projection must have 12 numbers, got {len(self.projection)}')

    @classmethod
    def from_fov(
        cls, width: int, height: int, horizontal_fov: float = HORIZONTAL_FOV
    ) -> CameraModel:
        """Return an ideal camera with square pixels that looks through the middle of the image.

        Args:
            width: Pixels, > 0.
            height: Pixels, > 0.
            horizontal_fov: Degrees, (0, 180).
        """
        if not 0.0 < horizontal_fov < 180.0:
            raise ValueError(f'horizontal_fov must be in (0, 180) degrees, got {horizontal_fov}')
        focal = width / 2 / math.tan(math.radians(horizontal_fov) / 2)
        return cls(width, height, focal, focal, (width - 1) / 2, (height - 1) / 2)

    def scaled_to(self, width: int, height: int) -> CameraModel:
        """Return the camera for the same view in an image of another size, in pixels."""
        if (width, height) == (self.width, self.height):
            return self
        x, y = width / self.width, height / self.height
        across, down, depth = self.projection[:4], self.projection[4:8], self.projection[8:]
        return replace(
            self,
            width=width,
            height=height,
            fx=self.fx * x,
            fy=self.fy * y,
            cx=(self.cx + 0.5) * x - 0.5,
            cy=(self.cy + 0.5) * y - 0.5,
            projection=(*_scaled(across, x), *_scaled(down, y), *depth),
        )


def _scaled(row: tuple[float, ...], factor: float) -> tuple[float, ...]:
    """Return a row of a projection for an image scaled along its axis.

    The third number moves by half a pixel, because pixel centres are whole numbers.
    """
    a, b, center, offset = row
    return a * factor, b * factor, (center + 0.5) * factor - 0.5, offset * factor


def estimate_position(box: Box, camera: CameraModel) -> Position:
    """Estimate the centre of a face in the camera's optical frame, metres.

    Args:
        box: The reference box in pixels of the image, width and height > 0.
        camera: The camera of the image.

    Returns:
        The position. Its standard deviation, 8 % of the distance, has two parts: adult faces
        differ by 5 %, boxes of one face by 6 %.
    """
    size = _box_size(box, camera)
    z = FACE_WIDTH * BOX_TO_FACE / size
    # Whole numbers are pixel edges in boxes, and pixel centres in the principal point.
    x = (box.center[0] - 0.5 - camera.cx) / camera.fx
    y = (box.center[1] - 0.5 - camera.cy) / camera.fy
    relative = math.hypot(FACE_WIDTH_STDDEV / FACE_WIDTH, BOX_SPREAD)
    return Position(x * z, y * z, z, relative * z * math.hypot(1.0, x, y))


def _box_size(box: Box, camera: CameraModel) -> float:
    """Return the width at unit distance, from width or height, whichever gives more.

    A turned head has a narrower face, and a bowed head a shorter one. No pose makes it larger.
    """
    return max(box.width / camera.fx, box.height / camera.fy / BOX_ASPECT)
