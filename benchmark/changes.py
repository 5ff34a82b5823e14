"""The delay from a change of the label to its event, and false events of a steady face.

Both sequences have stamps at 30 Hz and the default smoothing. The first shows pictures of FER2013
(if that set is available) that the model clearly labels as people did, one after the other as one
face. Each frame has its own disturbance. The delay is the time from the first frame of another
label to its event. The second sequence is one still face with camera noise, for the whole
pipeline.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmark.pipelines import FRAME_NS, Pipeline
from benchmark.scenes import RATE, Scene
from benchmark.spread import Spread
from fer_ros.core.classification import load_classifier
from fer_ros.core.classification.classifier import Classifier
from fer_ros.core.crop import CropSpec, resample_crop
from fer_ros.core.models import ModelStore
from fer_ros.core.pipeline import EmotionStage
from fer_ros.core.types import Box, Crop, EventType, Face, FaceSet

Image = NDArray[np.uint8]

DATA = 'fer2013_train_public.npz'
#: Number of pictures of each label that are tried, and the mean probability of a clear one.
TRIED, CLEAR = 120, 0.5

#: Pictures of the steady face, with different noise.
NOISY_PICTURES = 90


def measure(model: str, data: Path | None, seconds: float) -> dict[str, Any]:
    """Return delays of events and the false events per minute.

    Args:
        data: Folder with the FER2013 file.
        seconds: Seconds of each sequence.
    """
    steady = _steady_face(model, seconds)
    result: dict[str, Any] = {
        'steady_seconds': seconds,
        'steady_events': steady,
        'false_events_per_minute': steady * 60.0 / seconds,
    }
    if data is None or not (data / DATA).is_file():
        return {**result, 'not_measured': f'delays: there is no {DATA}'}
    classifier = load_classifier(ModelStore().load_card(model))
    stills = _clear_stills(classifier, data / DATA)
    return {**result, **_scenes(classifier, stills, seconds)}


def _steady_face(model: str, seconds: float) -> int:
    """Return the events of one still face with noise, except that it appeared."""
    pipeline, scene = Pipeline(model), Scene()
    picture = scene.one_face()
    # In random order, because to create the noise of a picture takes three times as long as to
    # process it.
    frames = round(seconds * RATE)
    pictures = [scene.noisy(picture) for _ in range(min(NOISY_PICTURES, frames))]
    order = np.random.default_rng(30)
    count = 0
    for _ in range(frames):
        events = pipeline.process(pictures[order.integers(len(pictures))]).events
        count += sum(event.type is not EventType.APPEARED for event in events)
    return count


def _clear_stills(classifier: Classifier, path: Path) -> dict[str, list[Image]]:
    """Return pictures of the public test part by label that the model labels clearly."""
    random = np.random.default_rng(10)
    with np.load(path, allow_pickle=False) as data:
        public = data['usage'] == 1
        images, labels = data['images'][public], data['labels'][public]
    stills: dict[str, list[Image]] = {}
    for index, name in enumerate(classifier.class_names[:7]):
        for image in images[labels == index][:TRIED]:
            disturbed = [_disturbed(image, random) for _ in range(8)]
            if _classify(classifier, disturbed)[:, index].mean() >= CLEAR:
                stills.setdefault(name, []).append(image)
    return stills


def _scenes(
    classifier: Classifier,
    stills: dict[str, list[Image]],
    seconds: float,
) -> dict[str, Any]:
    """Return the results of scenes of 2 to 6 s, each with another label than the previous one."""
    random = np.random.default_rng(20)
    stage = EmotionStage(classifier)
    delays: list[float] = []
    false, frame, label, steady = 0, 0, '', ''
    while frame < seconds * RATE:
        label = str(random.choice([name for name in stills if name != label]))
        still = stills[label][random.integers(len(stills[label]))]
        begin, arrived = frame, False
        for frame in range(begin, begin + int(random.uniform(2.0, 6.0) * RATE)):
            for event in stage.process(
                _face_set(classifier, _disturbed(still, random), frame * FRAME_NS)
            ).events:
                if event.label == label and not arrived:
                    arrived = True
                    if steady:
                        delays.append((frame - begin) * 1e3 / RATE)
                elif event.type is EventType.CHANGED:
                    false += 1
                steady = event.label
        frame += 1
    minutes = frame / RATE / 60
    found: dict[str, Any] = {'false_changes_per_minute': false / minutes, 'minutes': minutes}
    if delays:
        found['delay_ms'] = asdict(Spread.of(delays))
    return found


def _face_set(classifier: Classifier, image: Image, stamp: int) -> FaceSet:
    spec = classifier.crop_spec
    crop = Crop(_prepared(classifier, image), np.zeros((2, 3), np.float32))
    face = Face('f1', Box(300, 200, 80, 100), 0.9, crop=crop)
    return FaceSet(stamp, 'camera', 640, 480, (face,), spec.geometry.name, spec.channels)


def _classify(classifier: Classifier, images: list[Image]) -> NDArray[np.float32]:
    return classifier.classify([_prepared(classifier, image) for image in images])


def _prepared(classifier: Classifier, image: Image) -> Image:
    """Convert a picture of FER2013, which is framed like our crops, to the input of the model."""
    spec = classifier.crop_spec
    if spec.channels != 'gray':
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
    return resample_crop(image, CropSpec(spec.geometry, image.shape[0], spec.channels), spec)


def _disturbed(still: Image, random: np.random.Generator) -> Image:
    """Return the picture with the disturbances of a hand-held camera."""
    side = still.shape[0]
    turn, growth, right, down, contrast, light = random.normal(size=6)
    affine = cv2.getRotationMatrix2D((side / 2, side / 2), 3 * turn, 1 + 0.04 * growth)
    affine[:, 2] += right, down
    moved = cv2.warpAffine(still, affine, (side, side), borderMode=cv2.BORDER_REPLICATE)
    lit = (moved - 128.0) * (1 + 0.1 * contrast) + 128 + 15 * light
    frame: Image = np.clip(lit + random.normal(0, 6, still.shape), 0, 255).astype(np.uint8)
    return frame
