"""Checks of this machine, independent of running nodes. Needs no ROS."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from fer_ros.cli.doctor.catalogue import Machine
from fer_ros.cli.doctor.finding import Finding, Level, ok
from fer_ros.cli.doctor.process import Process, holders
from fer_ros.core.classification import load_classifier
from fer_ros.core.classification.select import RUNTIMES
from fer_ros.core.errors import FerError, ModelError, SourceError
from fer_ros.core.missing import is_without_ros
from fer_ros.core.models import ModelStore
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.sources.base import SourceConfig
from fer_ros.core.sources.camera import CameraSource, check_device, list_cameras
from fer_ros.core.types import Frame
from fer_ros.ros.bringup.shared_memory import SHARED_MEMORY

#: Seconds within which a camera must deliver its first frame.
CAMERA_TIMEOUT = 5.0

#: Shared memory of one process with config/fastdds.xml, and of all processes with a margin.
SEGMENT = 16 << 20
ENOUGH_SHARED_MEMORY = 64 << 20

_CV_BRIDGE_TRIAL = """\
import numpy
from cv_bridge import CvBridge
message = CvBridge().cv2_to_imgmsg(numpy.zeros((2, 2, 3), numpy.uint8), 'bgr8')
CvBridge().imgmsg_to_cv2(message, 'bgr8')
"""


def check_cameras(named: str = '') -> list[Finding]:
    """Try the named camera, or all cameras. Each is opened for a moment."""
    if named.isdecimal():
        named = f'/dev/video{named}'
    devices = [named] if named else list_cameras()
    if not devices:
        return [Machine.NO_CAMERA.found()]
    findings = [_check_camera(device) for device in devices]
    if any(finding.level is Level.OK for finding in findings):
        # Cameras have further devices that deliver no frames. One device that delivers is enough.
        return [finding for finding in findings if finding.level is Level.OK]
    return findings


def _check_camera(device: str) -> Finding:
    try:
        check_device(device)
    except SourceError as error:
        return Machine.CAMERA_REFUSED.found(error=error)
    users = holders(device)
    if users:
        return busy_camera(device, users)
    source = CameraSource(device, SourceConfig(open_timeout=CAMERA_TIMEOUT))
    try:
        with source:
            source.read()
            return ok(f'{source.description} delivers frames')
    except SourceError as error:
        return Machine.CAMERA_SILENT.found(error=error)


def busy_camera(device: str, users: Sequence[Process]) -> Finding:
    """Return the finding for a camera that other processes use.

    It is not a fault if one is a ROS node.
    """
    names = ', '.join(user.name for user in users)
    if any(user.uses_ros for user in users):
        return ok(
            f'{device} is in use by {names}. If that is not camera_node, use its images with '
            'image_topic:='
        )
    return Machine.CAMERA_BUSY.found(device=device, users=names)


def check_shared_memory(folder: Path = SHARED_MEMORY) -> list[Finding]:
    """Check whether shared memory has room for images."""
    if not folder.is_dir():
        return [Machine.NO_SHARED_MEMORY.found(folder=folder)]
    usage = shutil.disk_usage(folder)
    return [shared_memory_finding(folder, usage.free, usage.total)]


def shared_memory_finding(folder: Path, free: int, total: int) -> Finding:
    """Return the finding for the free and total shared memory, in bytes."""
    values = {'free': free >> 20, 'total': total >> 20, 'folder': folder}
    if free < SEGMENT:
        return Machine.SHARED_MEMORY_FULL.found(**values)
    if free < ENOUGH_SHARED_MEMORY:
        return Machine.SHARED_MEMORY_LOW.found(**values, needed=SEGMENT >> 20)
    return ok(f'{free >> 20} of {total >> 20} MiB are free in {folder}')


@cache
def cv_bridge_fault() -> str | None:
    """Return why cv_bridge cannot be used, '' if it can, or None if it is not installed.

    It is tried in a separate process, because a build for another numpy can end the process.
    """
    fault = _fault_of(_CV_BRIDGE_TRIAL)
    return None if "No module named 'cv_bridge'" in fault else fault


def check_cv_bridge() -> list[Finding]:
    """Check whether cv_bridge works with this numpy."""
    fault = cv_bridge_fault()
    version = f'numpy {np.__version__}'
    if fault is None:
        return [ok(f'not installed ({version}); needed only for rare encodings of images')]
    if not fault:
        return [ok(f'works with {version}')]
    return [Machine.CV_BRIDGE_FAILS.found(numpy=version, error=fault)]


def check_detectors(folders: Sequence[str]) -> list[Finding]:
    """Create the detector that auto selects, and search a picture with it."""
    try:
        detector = PipelineBuilder(store=ModelStore(folders)).detector()
        start = time.perf_counter()
        detector.detect(Frame(np.zeros((480, 640, 3), np.uint8), 'bgr8', 0))
        seconds = time.perf_counter() - start
    except FerError as error:
        return [Machine.NO_DETECTOR.found(error=error)]
    reason, milliseconds = detector.selection_reason, seconds * 1e3
    if detector.name == 'haar':
        return [Machine.HAAR_DETECTOR.found(reason=reason, milliseconds=milliseconds)]
    return [ok(f'{reason}; first picture of 640x480 in {milliseconds:.0f} ms')]


def check_models(name: str, folders: Sequence[str]) -> list[Finding]:
    """Load the named model in each runtime, which checks its outputs, and all other models."""
    store = ModelStore(folders)
    findings = []
    for model in dict.fromkeys([name, *store.names()]):
        try:
            card = store.load_card(model)
            classifier = load_classifier(card)
        except ModelError as error:
            findings.append(Machine.MODEL_UNUSABLE.found(error=error, model=model))
            continue
        findings.append(
            ok(f'{model}: {", ".join(card.labels)}; its check passes on {classifier.runtime_name}')
        )
        if model == name:
            findings += _check_runtimes(model, store)
    return findings


def _check_runtimes(model: str, store: ModelStore) -> list[Finding]:
    findings = []
    card = store.load_card(model)
    for name, runtime in RUNTIMES.items():
        missing = runtime.why_missing()
        if missing is not None:
            findings.append(ok(f'runtime {name} is not installed: {missing}'))
            continue
        try:
            load_classifier(card, name)
        except ModelError as error:
            findings.append(Machine.RUNTIME_UNUSABLE.found(model=model, runtime=name, error=error))
    return findings


@cache
def ros_fault() -> str:
    """Return why ROS cannot be used with this Python, or '' if it can.

    It is tried in a separate process, because rcl ends the process if the middleware is missing.
    """
    return _fault_of('import rclpy, fer_msgs.msg; rclpy.init()')


def _fault_of(program: str) -> str:
    """Run a Python program in a separate process. Return why it failed, or ''."""
    trial = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, timeout=60, check=False
    )
    if trial.returncode == 0:
        return ''
    lines = [line.strip() for line in trial.stderr.splitlines() if line.strip()]
    reason = lines[-1] if lines else 'it gave no reason'
    return f'{reason} (signal {-trial.returncode})' if trial.returncode < 0 else reason


def check_ros() -> list[Finding]:
    """Check whether ROS and the messages work with this Python."""
    version = '.'.join(map(str, sys.version_info[:3]))
    here = f'Python {version} ({sys.executable})'
    if is_without_ros():
        return [ok(f'{here} without ROS 2: everything except the nodes works')]
    fault = ros_fault()
    if fault:
        return [Machine.NO_ROS.found(python=here, error=fault)]
    return [ok(f'{here}, ROS {os.environ.get("ROS_DISTRO") or "2 (ROS_DISTRO is not set)"}')]
