"""Search for near copies: the same photograph, cropped, scaled or watermarked differently.

Candidates come from small local-contrast pictures, compared with all others at several zooms and
shifts, as they are and mirrored. Each candidate is then aligned exactly (Evangelidis and Psarakis
2008), and accepted when the fine structure agrees block by block: two photographs of similar faces
never do, and a watermark spoils only the blocks it covers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.base.progress import progress
from training.data.pictures import Pictures

#: Side to which pictures are brought for the search, and side of the small pictures compared.
SIDE = 48
SMALL = 12
#: Zooms and shifts (in pixels of SIDE) for the comparison with all other pictures. Zooming in is
#: enough: of two copies, one is the closer view.
ZOOMS = (1.0, 1.08, 1.16, 1.25)
SHIFTS = (-3, 0, 3)
#: Smallest likeness of small pictures for a candidate pair, and number of candidates per picture.
CANDIDATE = 0.72
CANDIDATES_EACH = 3
EVERYWHERE = np.full((SIDE, SIDE), 255, np.uint8)
#: Median correlation of fine structure over blocks, from which a pair counts as copies. On
#: FER2013, copies have 0.95 and above, other pairs of similar faces below 0.8.
ACCEPTED = 0.87
BLOCK = 8
ROWS = 512


def find_near_copies(pictures: Pictures) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return pairs (P, 2) of pictures that are copies, and their likeness (P,) in [0, 1].

    A copy can be mirrored. Remove identical pictures first, because they hide other copies.
    """
    gray = np.concatenate([_gray_squares(chunk) for chunk in pictures.chunks()])
    mirrored = np.ascontiguousarray(gray[:, :, ::-1])
    found = [
        (left, right, score)
        for views in (gray, mirrored)
        for left, right, zoom, shift in _candidates(views, gray)
        if (score := likeness(views[left], gray[right], zoom, shift)) >= ACCEPTED
    ]
    best: dict[tuple[int, int], float] = {}
    for left, right, score in found:
        key = (min(left, right), max(left, right))
        best[key] = max(score, best.get(key, 0.0))
    pairs = np.array(sorted(best), dtype=np.int64).reshape(-1, 2)
    return pairs, np.array([best[left, right] for left, right in pairs.tolist()], np.float32)


class SeenPictures:
    """Detects whether a gray picture is a copy of an earlier one."""

    def __init__(self) -> None:
        self._pictures: list[NDArray[np.uint8]] = []
        self._small: list[NDArray[np.float32]] = []

    def add(self, gray: NDArray[np.uint8]) -> None:
        """Add a picture, (S, S)."""
        square = _gray_squares(gray[None])
        self._pictures.append(square[0])
        self._small.append(_small_pictures(square, 1.0, (0, 0))[0])

    def has_copy(self, gray: NDArray[np.uint8]) -> bool:
        """Search for a copy among the CANDIDATES_EACH most similar pictures."""
        if not self._pictures:
            return False
        square = _gray_squares(gray[None])
        return any(map(self._has_view, (square, np.ascontiguousarray(square[:, :, ::-1]))))

    def _has_view(self, square: NDArray[np.uint8]) -> bool:
        likes = np.stack(self._small) @ _small_pictures(square, 1.0, (0, 0))[0]
        nearest = np.argsort(-likes)[:CANDIDATES_EACH]
        return any(
            likes[index] >= CANDIDATE and likeness(square[0], self._pictures[index]) >= ACCEPTED
            for index in nearest
        )


def likeness(
    closer: NDArray[np.uint8],
    wider: NDArray[np.uint8],
    zoom: float = 1.0,
    shift: tuple[int, int] = (0, 0),
) -> float:
    """Return how well the fine structure of two gray pictures agrees after alignment.

    Args:
        closer: (S, S).
        wider: (S, S).
        zoom: Initial zoom: `closer`, zoomed by it about its centre, looks like `wider`.
        shift: Initial shift in pixels.

    Returns:
        The correlation, [-1, 1].
    """
    start = cv2.invertAffineTransform(_zoom_matrix(zoom, shift)).astype(np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 50, 1e-4)
    try:
        _, affine = cv2.findTransformECC(
            wider.astype(np.float32), closer.astype(np.float32), start,
            cv2.MOTION_AFFINE, stop, EVERYWHERE, 5,
        )  # fmt: skip
    except cv2.error:  # The alignment does not converge for unrelated pictures.
        return -1.0
    aligned = _warp_back(closer, affine)
    inside = _warp_back(np.ones((SIDE, SIDE), np.float32), affine) > 0.99
    return _block_correlation(_fine_structure(aligned), _fine_structure(wider), inside)


def _candidates(
    views: NDArray[np.uint8], gray: NDArray[np.uint8]
) -> Iterator[tuple[int, int, float, tuple[int, int]]]:
    """Yield (picture, other, zoom, shift) for the pictures most similar to each view."""
    small = _small_pictures(gray, 1.0, (0, 0))
    variants = [(zoom, (x, y)) for zoom in ZOOMS for x in SHIFTS for y in SHIFTS]
    score = np.empty((len(variants), len(gray)), np.float32)
    other = np.empty((len(variants), len(gray)), np.int64)
    for index, (zoom, shift) in enumerate(progress(variants, 'near copies')):
        changed = _small_pictures(views, zoom, shift)
        for start in range(0, len(gray), ROWS):
            rows = slice(start, start + ROWS)
            likes = changed[rows] @ small.T
            own = np.arange(start, start + len(likes))
            likes[own - start, own] = -1
            other[index, rows] = likes.argmax(axis=1)
            score[index, rows] = likes[own - start, other[index, rows]]
    order = np.argsort(-score, axis=0)
    hopeful = np.flatnonzero(score.max(axis=0, initial=-1) >= CANDIDATE)
    for picture in progress(hopeful, 'near copies, aligned'):
        seen: set[int] = set()
        for variant in order[:, picture]:
            if score[variant, picture] < CANDIDATE or len(seen) == CANDIDATES_EACH:
                break
            match = int(other[variant, picture])
            if match not in seen:
                seen.add(match)
                yield int(picture), match, *variants[variant]


def _small_pictures(
    gray: NDArray[np.uint8], zoom: float, shift: tuple[int, int]
) -> NDArray[np.float32]:
    """Return (N, SMALL * SMALL) local contrast of the changed pictures, each of length one."""
    matrix = _zoom_matrix(zoom, shift)
    result = np.empty((len(gray), SMALL * SMALL), np.float32)
    for index, image in enumerate(gray):
        changed = cv2.warpAffine(
            image.astype(np.float32), matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE
        )
        contrast = changed - cv2.blur(changed, (17, 17))
        small = cv2.resize(contrast, (SMALL, SMALL), interpolation=cv2.INTER_AREA).ravel()
        small -= small.mean()
        result[index] = small / (np.linalg.norm(small) + 1e-3)
    return result


def _zoom_matrix(zoom: float, shift: tuple[int, int]) -> NDArray[np.float64]:
    """Return the 2x3 map of zooming about the centre and then shifting."""
    edge = (1 - zoom) * SIDE / 2
    return np.array([[zoom, 0.0, edge + shift[0]], [0.0, zoom, edge + shift[1]]])


def _gray_squares(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (N, SIDE, SIDE) gray of (N, S, S) or (N, S, S, 3) RGB pictures."""
    if images.ndim == 4:
        images = np.stack([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images])
    if images.shape[1] == SIDE:
        return images
    method = cv2.INTER_AREA if images.shape[1] > SIDE else cv2.INTER_LINEAR
    return np.stack([cv2.resize(i, (SIDE, SIDE), interpolation=method) for i in images])


def _warp_back(image: NDArray[Any], affine: Any) -> NDArray[Any]:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    border = cv2.BORDER_REPLICATE if image.dtype == np.uint8 else cv2.BORDER_CONSTANT
    return cv2.warpAffine(image, affine, (SIDE, SIDE), flags=flags, borderMode=border)


def _fine_structure(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    values = image.astype(np.float32)
    return cv2.GaussianBlur(values, (0, 0), 0.8) - cv2.GaussianBlur(values, (0, 0), 3)


#: A block counts if so many of its pixels are inside and one of both has this deviation.
LEAST_PIXELS, LEAST_DEVIATION, LEAST_BLOCKS = 40, 1.5, 7


def _block_correlation(
    first: NDArray[np.float32], second: NDArray[np.float32], inside: NDArray[np.bool_]
) -> float:
    """Return the median over blocks of the correlation of two pictures; -1 with few blocks."""
    found = []
    for top in range(0, SIDE, BLOCK):
        for left in range(0, SIDE, BLOCK):
            block = np.s_[top : top + BLOCK, left : left + BLOCK]
            here = inside[block]
            if here.sum() < LEAST_PIXELS:
                continue
            a, b = first[block][here], second[block][here]
            a, b = a - a.mean(), b - b.mean()
            if max(a.std(), b.std()) < LEAST_DEVIATION:
                continue
            found.append(float(a @ b / (np.sqrt((a @ a) * (b @ b)) + 1e-3)))
    return float(np.median(found)) if len(found) >= LEAST_BLOCKS else -1.0
