"""The choice of the classifier and its runtime."""

from __future__ import annotations

from dataclasses import dataclass

from fer_ros.core.classification.select import PREFERENCE, RUNTIMES
from fer_ros.core.models import DEFAULT_MODEL
from fer_ros.core.onnx_session import DEVICE_TEXT, PROVIDERS
from fer_ros.core.options import check_options, documented, option


@documented
@dataclass(frozen=True, slots=True)
class ClassifierConfig:
    """The model that classifies faces, and its runtime.

    Raises:
        ValueError: A value is out of range.
    """

    model: str = option(DEFAULT_MODEL, 'Model by name or folder.')
    runtime: str = option(
        'auto',
        f'Runtime of the model. auto selects the first one installed: {", ".join(PREFERENCE)}. '
        'On processors other than x86-64, auto prefers litert.',
        choices=('auto', *RUNTIMES),
    )
    threads: int = option(1, 'Processor threads of the runtime.', minimum=1, maximum=64)

    device: str = option('cpu', DEVICE_TEXT, choices=tuple(PROVIDERS))

    def __post_init__(self) -> None:
        check_options(self)
