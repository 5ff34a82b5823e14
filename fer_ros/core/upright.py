"""Upright pictures from a camera that is mounted upside down or on its side.

Networks find upright faces. Results refer to the image as the camera delivers it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.pose.rotation import matrix_of, quaternion
from fer_ros.core.position import CameraModel
from fer_ros.core.types import Box, Crop, Face, FaceSet, Frame, HeadPose, Position

#: Rotations of a picture, degrees clockwise.
ROTATIONS = (0, 90, 180, 270)

_TURNS: dict[int, int] = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}
#: Smallest component of up in the plane of the picture, and degrees from the present rotation
#: within which it stays.
_LEAST_TILT, _STAY = 0.3, 55.0

#: The axes of a mirrored person: left and right are exchanged.
_MIRROR = np.diag([1.0, -1.0, 1.0])


@dataclass(frozen=True, slots=True)
class Upright:
    """The rotation that makes the image of a camera upright.

    Attributes:
        rotation: Degrees clockwise, one of ROTATIONS.
        flip: Whether left and right are exchanged before the rotation.

    Raises:
        ValueError: rotation is not in ROTATIONS.
    """

    rotation: int = 0
    flip: bool = False

    def __post_init__(self) -> None:
        if self.rotation not in ROTATIONS:
            raise ValueError(
                f'rotation is {self.rotation}: it must be one of {", ".join(map(str, ROTATIONS))}'
            )

    def turned_to(self, up: tuple[float, float, float]) -> Upright:
        """Return the same with the rotation for an upright image.

        Args:
            up: The direction up in the camera's optical frame. If the camera looks up or down, the
                rotation stays.
        """
        right, down, _ = up
        if self.flip:
            right = -right
        if math.hypot(right, down) < _LEAST_TILT:
            return self
        # Up in the picture is against the y axis. A clockwise rotation moves the left to the top.
        turn = math.degrees(math.atan2(-right, -down))
        nearest = round(turn / 90.0) * 90 % 360
        from_present = (turn - self.rotation + 180.0) % 360.0 - 180.0
        # A camera between two quarter turns must not change from frame to frame.
        return self if abs(from_present) < _STAY else replace(self, rotation=nearest)

    @property
    def changes(self) -> bool:
        """Return whether images are changed."""
        return self.flip or self.rotation != 0

    def image(self, image: NDArray[Any]) -> NDArray[Any]:
        """Return an upright image. It is the same object if nothing changes."""
        if self.flip:
            image = cv2.flip(image, 1)
        return cv2.rotate(image, _TURNS[self.rotation]) if self.rotation else image

    def frame(self, frame: Frame) -> Frame:
        """Return an upright frame. It is the same object if nothing changes."""
        return replace(frame, image=self.image(frame.image)) if self.changes else frame

    def camera(self, camera: CameraModel) -> CameraModel:
        """Return the camera of the upright picture. It is the same object if nothing changes."""
        if not self.changes:
            return camera
        turn = self._axes()
        to_upright = self._affine(camera.width, camera.height)
        projection = np.array(camera.projection).reshape(3, 4)
        across, down = self.rotation % 180 == 0, self.rotation % 180 != 0
        fx, fy = (camera.fx, camera.fy) if across else (camera.fy, camera.fx)
        cx, cy = _moved((camera.cx, camera.cy), to_upright)
        p_center = _moved((projection[0, 2], projection[1, 2]), to_upright)
        p_focal = projection[1, 1], projection[0, 0]
        turned = np.array(projection)
        turned[0, 0], turned[1, 1] = p_focal if down else p_focal[::-1]
        turned[:2, 2] = p_center
        turned[:2, 3] = turn[:2, :2] @ projection[:2, 3]
        distortion = list(camera.distortion)
        if camera.distortion_model != 'equidistant' and len(distortion) >= 4:
            # The tangential part is a vector, (p2, p1).
            p2, p1 = turn[:2, :2] @ (distortion[3], distortion[2])
            distortion[2:4] = float(p1), float(p2)
        rectification = turn @ np.array(camera.rectification).reshape(3, 3) @ turn.T
        return replace(
            camera,
            width=camera.width if across else camera.height,
            height=camera.height if across else camera.width,
            fx=fx,
            fy=fy,
            cx=cx,
            cy=cy,
            distortion=tuple(distortion),
            rectification=tuple(rectification.ravel().tolist()),
            projection=tuple(turned.ravel().tolist()),
        )

    def back(self, faces: FaceSet, width: int, height: int) -> FaceSet:
        """Convert faces of the upright image to the image of the camera.

        Args:
            faces: Faces of the upright image. Landmarks keep their order, because left and right
                are those of the person.
            width: Width of the image of the camera, in pixels.
            height: Height of the image of the camera, in pixels.
        """
        if not self.changes:
            return faces
        to_upright = self._affine(width, height)
        from_upright: NDArray[Any] = np.linalg.inv(to_upright)
        turn = self._axes().T
        return replace(
            faces,
            image_width=width,
            image_height=height,
            faces=tuple(self._face(face, to_upright, from_upright, turn) for face in faces.faces),
        )

    def _face(
        self,
        face: Face,
        to_upright: NDArray[np.float64],
        from_upright: NDArray[np.float64],
        turn: NDArray[np.float64],
    ) -> Face:
        landmarks = face.landmarks
        if landmarks is not None:
            landmarks = np.asarray(_mapped(landmarks, from_upright), np.float32)
        crop = face.crop
        if crop is not None:
            affine = crop.affine @ to_upright
            crop = Crop(crop.image, np.asarray(affine, np.float32))
        box = face.box
        corners = [[box.x, box.y], [box.x + box.width, box.y + box.height]]
        ends = _mapped(np.array(corners), from_upright)
        (x, y), (right, bottom) = ends.min(0).tolist(), ends.max(0).tolist()
        position, head = face.position, face.head_pose
        if position is not None:
            at_x, at_y, at_z = (turn @ (position.x, position.y, position.z)).tolist()
            position = Position(at_x, at_y, at_z, position.stddev)
        if head is not None:
            head = self._head(head, turn)
        return replace(
            face,
            box=Box(x, y, right - x, bottom - y),
            landmarks=landmarks,
            position=position,
            crop=crop,
            head_pose=head,
        )

    def _head(self, head: HeadPose, turn: NDArray[np.float64]) -> HeadPose:
        rotation = turn @ matrix_of(*head.orientation)
        x, y, z = (turn @ head.position).tolist()
        both = np.zeros((6, 6))
        both[:3, :3] = both[3:, 3:] = turn
        return HeadPose(
            (x, y, z),
            quaternion(rotation @ _MIRROR if self.flip else rotation),
            both @ head.covariance @ both.T,
        )

    def _axes(self) -> NDArray[np.float64]:
        """Return the matrix from directions of the camera to those of the upright one."""
        turn = np.eye(3)
        turn[:2, :2] = self._affine(0, 0)[:2, :2]
        return turn

    def _affine(self, width: float, height: float) -> NDArray[np.float64]:
        """Return the map of pixels of the camera to those of the upright picture, (3, 3)."""
        mirror = np.array([[-1.0, 0.0, width], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        turns: dict[int, list[list[float]]] = {
            0: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
            90: [[0.0, -1.0, height], [1.0, 0.0, 0.0]],
            180: [[-1.0, 0.0, width], [0.0, -1.0, height]],
            270: [[0.0, 1.0, 0.0], [-1.0, 0.0, width]],
        }
        turn: NDArray[np.float64] = np.array([*turns[self.rotation], [0.0, 0.0, 1.0]])
        return turn @ mirror if self.flip else turn


def _mapped(points: NDArray[Any], affine: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points @ affine[:2, :2].T + affine[:2, 2], float)


def _moved(center: tuple[float, float], affine: NDArray[np.float64]) -> tuple[float, float]:
    """Map a principal point, for which pixel centres are whole numbers."""
    x, y = (_mapped(np.array([center]) + 0.5, affine)[0] - 0.5).tolist()
    return x, y
