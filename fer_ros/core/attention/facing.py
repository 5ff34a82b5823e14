"""The probability that a head is turned to a point."""

from __future__ import annotations

import math

from fer_ros.core.pose.rotation import cross
from fer_ros.core.types import HeadPose

Point = tuple[float, float, float]

#: Smallest uncertainty of a direction, radians. A smaller one turns slopes into steps.
_LEAST_STDDEV = 0.01

#: Standard deviations beyond which the probability is zero, and number of slices of half a disc.
_FAR, _SLICES = 8.0, 32

_ROOT_2, _ROOT_2_PI = math.sqrt(2.0), math.sqrt(2.0 * math.pi)


def facing_probability(head: HeadPose, regard: Point, cone: float) -> float:
    """Return the probability that a face points to a point within a cone, [0, 1].

    The direction is assumed to be normally distributed around the estimate, with the standard
    deviation towards the point in all directions.

    Args:
        head: The pose of the head.
        regard: The point in the camera's optical frame, metres. The camera is 0, 0, 0.
        cone: Half of the opening angle, degrees.
    """
    forward = head.forward
    to_point = [r - p for r, p in zip(regard, head.position, strict=True)]
    distance = math.sqrt(sum(part * part for part in to_point))
    if distance < 1e-6:
        return 1.0
    wanted = [part / distance for part in to_point]
    axis = cross(forward, wanted)
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
        # A face that points to the point has no direction to it. Use the mean of two perpendicular
        # ones.
        variance = 0.5 * sum(
            (1.0 - forward[row] ** 2 if row == column else -forward[row] * forward[column])
            * turning[row][column]
            for row in range(3)
            for column in range(3)
        )
    variance = max(variance, _LEAST_STDDEV**2)
    stddev = math.sqrt(variance)
    return probability_in_disc(math.radians(cone) / stddev, off / stddev)


def probability_in_disc(radius: float, distance: float) -> float:
    """Return the part of a circular normal distribution that is inside a disc, [0, 1].

    It is that of a noncentral chi-square distribution of two degrees. SciPy has it too, but takes
    0.2 s to load.

    Args:
        radius: Radius of the disc, in standard deviations, above 0.
        distance: Distance of its centre from that of the distribution, in standard deviations.
    """
    # Slices of the disc along the line to its centre, at equal angles as seen from the centre.
    last = math.asin(min(1.0, _FAR / radius))
    total = 0.0
    for number in range(_SLICES):
        angle = last * number / _SLICES
        across, half = radius * math.sin(angle), radius * math.cos(angle)
        along = math.erf((distance + half) / _ROOT_2) - math.erf((distance - half) / _ROOT_2)
        weight = 0.5 if number == 0 else 1.0
        total += weight * half * math.exp(-0.5 * across * across) * along
    return min(1.0, total * last / _SLICES / _ROOT_2_PI)
