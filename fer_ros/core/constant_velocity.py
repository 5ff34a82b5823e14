"""A Kalman filter with a constant-velocity model."""

from __future__ import annotations


class Axis:
    """A Kalman filter along one axis. Numbers are ten times faster here than arrays.

    Attributes:
        position: Estimate.
        velocity: Estimate, per second.
        variance: Variance of the position.
        velocity_variance: Variance of the velocity.
        covariance: Covariance of position and velocity.
    """

    __slots__ = ('covariance', 'position', 'variance', 'velocity', 'velocity_variance')

    def __init__(self, position: float, variance: float, velocity_variance: float) -> None:
        self.position = position
        self.velocity = 0.0
        self.variance = variance
        self.covariance = 0.0
        self.velocity_variance = velocity_variance

    def predict(self, dt: float, noise: float) -> None:
        """Predict the state after `dt` seconds.

        Args:
            noise: Variance of the acceleration.
        """
        self.position += dt * self.velocity
        self.variance += (
            2 * dt * self.covariance + dt**2 * self.velocity_variance + noise * dt**4 / 4
        )
        self.covariance += dt * self.velocity_variance + noise * dt**3 / 2
        self.velocity_variance += noise * dt**2

    def correct(self, measured: float, spread: float) -> None:
        """Correct the state with a measured position.

        Args:
            spread: Variance of the innovation.
        """
        residual = measured - self.position
        gain, velocity_gain = self.variance / spread, self.covariance / spread
        self.position += gain * residual
        self.velocity += velocity_gain * residual
        self.velocity_variance -= velocity_gain * self.covariance
        self.covariance *= 1 - gain
        self.variance *= 1 - gain
