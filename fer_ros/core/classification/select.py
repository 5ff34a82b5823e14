"""The choice between the runtimes."""

from __future__ import annotations

import platform

from fer_ros.core.classification.litert_runtime import LiteRTRuntime
from fer_ros.core.classification.onnxruntime_runtime import OnnxRuntime
from fer_ros.core.classification.opencv_runtime import OpenCVRuntime
from fer_ros.core.classification.runtime import Runtime
from fer_ros.core.errors import ModelError
from fer_ros.core.models.card import ModelCard

#: By name.
RUNTIMES: dict[str, type[Runtime]] = {
    runtime.name: runtime for runtime in (LiteRTRuntime, OnnxRuntime, OpenCVRuntime)
}

#: The order of preference of 'auto', on x86-64 and on other processors. On an Intel Xeon with
#: AVX-512 the model default takes 0.74 ms a face on onnxruntime and 0.94 ms on LiteRT.
PREFERENCE = ('onnxruntime', 'litert', 'opencv')
PREFERENCE_ELSEWHERE = ('litert', 'onnxruntime', 'opencv')


def select_runtime(name: str, card: ModelCard, device: str = 'cpu') -> tuple[type[Runtime], str]:
    """Return the runtime for a model, and the reason for the log.

    Args:
        name: A key of RUNTIMES, or 'auto': the first in order of preference that is installed and
            has a file in the card.
        card: Card of the model.
        device: A key of PROVIDERS. The runtime must support it.

    Raises:
        ModelError: The name is unknown. Or the named runtime, or with 'auto' every runtime, is not
            installed or has no file in the card.
    """
    if name == 'auto':
        return _first_usable(card, device)
    if name not in RUNTIMES:
        raise ModelError(f'no runtime {name!r}: use one of auto, {", ".join(RUNTIMES)}')
    reason = _why_not(RUNTIMES[name], card, device)
    if reason is not None:
        raise ModelError(f'model {card.name!r} cannot run with {name}: {reason}')
    return RUNTIMES[name], f'{name}: requested by name'


def _first_usable(card: ModelCard, device: str) -> tuple[type[Runtime], str]:
    passed_over: list[str] = []
    x86 = platform.machine() in ('x86_64', 'AMD64')
    for name in PREFERENCE if x86 else PREFERENCE_ELSEWHERE:
        runtime = RUNTIMES[name]
        reason = _why_not(runtime, card, device)
        if reason is None:
            return runtime, '; '.join([f'{runtime.name}: the first usable one', *passed_over])
        passed_over.append(f'not {runtime.name}: {reason}')
    raise ModelError(f'model {card.name!r} has no usable runtime; ' + '; '.join(passed_over))


def _why_not(runtime: type[Runtime], card: ModelCard, device: str) -> str | None:
    if device not in runtime.devices:
        return f'it cannot run on {device}: set device to cpu, or runtime to onnxruntime'
    if runtime.file_format not in card.files:
        return f'{card.path} has no {runtime.file_format} file, only {", ".join(card.files)}'
    return runtime.why_missing()
