"""Sessions of onnxruntime: on the processor, or on another device that its build can use."""

from __future__ import annotations

from typing import Any

from fer_ros.core.errors import DeviceError

#: Devices for networks, with onnxruntime's name of each.
PROVIDERS = {
    'cpu': 'CPUExecutionProvider',
    'cuda': 'CUDAExecutionProvider',
    'tensorrt': 'TensorrtExecutionProvider',
    'openvino': 'OpenVINOExecutionProvider',
    'coreml': 'CoreMLExecutionProvider',
}

#: Description of the devices, for a parameter or an option.
DEVICE_TEXT = (
    'Device that runs the network. Devices other than cpu need a build of onnxruntime that '
    'supports them, such as the package onnxruntime-gpu or onnxruntime-openvino.'
)

_ERRORS_ONLY = 3


def create_session(data: bytes, threads: int = 1, device: str = 'cpu') -> Any:
    """Return a session of a graph.

    Args:
        data: Content of the .onnx file.
        threads: >= 1, of the processor.
        device: A key of PROVIDERS.

    Raises:
        ImportError: onnxruntime cannot be imported.
        DeviceError: This onnxruntime cannot use the device.
        Exception: The graph cannot be loaded; the errors of onnxruntime have no other base.
    """
    import onnxruntime

    provider, installed = PROVIDERS[device], onnxruntime.get_available_providers()
    if provider not in installed:
        raise DeviceError(
            f'device {device!r}: onnxruntime {onnxruntime.__version__} has no {provider}, only '
            f'{", ".join(installed)}: install a build that has it, or set device to cpu'
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # Otherwise a plan of the memory is kept for each input size, and images have many sizes. The
    # second image of 640x480 pixels would need 10 MB more than the first.
    options.enable_mem_pattern = False
    # Threads that spin between frames use the processor and make nothing faster here.
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    session = onnxruntime.InferenceSession(data, options, providers=[provider])
    # If the libraries of a device are missing, onnxruntime continues on the processor.
    if session.get_providers()[0] != provider:
        raise DeviceError(
            f'device {device!r}: onnxruntime cannot use it and selected '
            f'{session.get_providers()[0]}: install its driver and libraries, or set device to cpu'
        )
    return session
