"""SizeCache finds values by the size of the image and has a limit."""

from __future__ import annotations

import numpy as np

from fer_ros.core.detection.size_cache import MAX_PIXELS, SizeCache


def image(width: int, height: int) -> np.ndarray:
    return np.zeros((height, width, 3), np.uint8)


def test_an_object_for_a_known_size_is_reused():
    made: list[tuple[int, int]] = []
    cache = SizeCache(lambda width, height: made.append((width, height)) or object())
    sizes = [(320, 240), (64, 64), (320, 240), (64, 64)]
    objects = [cache.get(image(*size)) for size in sizes]
    assert objects[:2] == objects[2:]
    assert made == [(320, 240), (64, 64)]


def test_many_sizes_keep_at_most_the_limit():
    alive = 0

    class Buffer:
        def __init__(self, width: int, height: int) -> None:
            nonlocal alive
            self.pixels = width * height
            alive += self.pixels

        def __del__(self) -> None:
            nonlocal alive
            alive -= self.pixels

    cache = SizeCache(Buffer)
    for width in range(900, 1000):
        cache.get(image(width, 1000))
        assert alive <= MAX_PIXELS
    assert cache.get(image(3000, 2000)).pixels == 6_000_000
    assert alive == 6_000_000
