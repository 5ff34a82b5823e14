"""The spread of measured times, which shows whether the machine was busy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of samples, in the unit of the samples."""

    p10: float
    p50: float
    p90: float
    p95: float
    p99: float
    count: int

    @staticmethod
    def of(samples: Iterable[float]) -> Spread:
        """Return the spread of samples. Raises ValueError if there are none."""
        values = np.fromiter(samples, float)
        if not values.size:
            raise ValueError('nothing was measured')
        p10, p50, p90, p95, p99 = np.percentile(values, (10, 50, 90, 95, 99)).tolist()
        return Spread(p10, p50, p90, p95, p99, len(values))


def milliseconds(work: Callable[[], object], repetitions: int, warm_up: int = 3) -> Spread:
    """Return the spread of the time of a call."""
    for _ in range(warm_up):
        work()
    samples = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        samples.append((time.perf_counter() - start) * 1e3)
    return Spread.of(samples)
