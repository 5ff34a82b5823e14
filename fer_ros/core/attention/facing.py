"""The probability that a head is turned to a point."""

from __future__ import annotations

import math

from fer_ros.core.types import HeadPose

Point = tuple[float, float, float]

#: Radians: the least uncertainty of a direction; a smaller one only makes steps of slopes.
_LEAST_STDDEV = 0.01


def facing_probability(head: HeadPose, regard: Point, cone: float) -> float:
    """Return the probability that a face points to a point within a cone, [0, 1].

    The direction is assumed to be normally distributed around the estimate, with the standard
    deviation towards the point in all directions. The probability is that of a noncentral
    chi-square distribution with two degrees of freedom.

    Args:
        head: The pose of the head.
        regard: The point in the camera's optical frame, metres. The camera is 0, 0, 0.
        cone: Half of the opening angle, degrees.
    """
    from scipy.special import chndtr

    forward = head.forward
    to_point = [r - p for r, p in zip(regard, head.position, strict=True)]
    distance = math.sqrt(sum(part * part for part in to_point))
    if distance < 1e-6:
        return 1.0
    wanted = [part / distance for part in to_point]
    axis = _cross(forward, wanted)
    sine = math.sqrt(sum(part * part for part in axis))
    off = math.atan2(sine, sum(a * b for a, b in zip(forward, wanted, strict=True)))
    turning = head.covariance[3:, 3:].tolist()
    if sine > 1e-3:
        unit = [part / sine for part in axis]
        variance = sum(
            unit[row] * turning[row][column] * unit[column]
            for row in range(3)
            for column in range(3)
        )
    else:
        # Where it points to the point there is no one direction: the mean of two across it.
        variance = 0.5 * sum(
            (1.0 - forward[row] ** 2 if row == column else -forward[row] * forward[column])
            * turning[row][column]
            for row in range(3)
            for column in range(3)
        )
    variance = max(variance, _LEAST_STDDEV**2)
    return float(chndtr(math.radians(cone) ** 2 / variance, 2.0, off * off / variance))


def _cross(a: Point, b: list[float]) -> Point:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
