"""Errors of the core. Each message names the thing, the reason and the remedy."""

import re

from fer_ros.core.redaction import redact

_CONTROL = re.compile(r'[\x00-\x1f\x7f-\x9f]')


def printable(name: str) -> str:
    """Return the name of a file in one line of text that can be printed anywhere.

    It escapes control characters, which a terminal would obey, and bytes that are not UTF-8, which
    Python keeps as surrogates.
    """
    escaped = _CONTROL.sub(lambda found: f'\\x{ord(found[0]):02x}', name)
    return escaped.encode('utf-8', 'backslashreplace').decode()


def reason_of(error: Exception) -> str:
    """Return why a file cannot be used: the text of the system if there is one."""
    return getattr(error, 'strerror', None) or str(error)


class FerError(Exception):
    """Base of every error that this package raises intentionally. Its text shows no password."""

    def __init__(self, message: str = '') -> None:
        super().__init__('\n'.join(map(printable, message.split('\n'))))

    def __str__(self) -> str:
        return redact(super().__str__())


class SourceError(FerError):
    """A frame source cannot be opened or read."""


class DetectorError(FerError):
    """A face detector cannot be built or run."""


class ModelError(FerError):
    """A model, its card or its files cannot be used."""


class DeviceError(FerError):
    """A network cannot be run on a device."""


class GeometryError(FerError):
    """A crop does not fit the geometry that a model needs."""


class EncodingError(FerError):
    """An image is in an encoding, or of a shape, that cannot be handled."""


class OversizedError(EncodingError):
    """An encoded picture has more pixels than are decoded."""


class MessageError(FerError):
    """A message contradicts itself."""


class PrivacyError(FerError):
    """A setting would let a picture of a person leave the process, but privacy forbids this."""


class LateError(FerError):
    """A frame is older than the one before it, and is omitted."""


class BagError(FerError):
    """A recording cannot be written."""


class OutputError(FerError):
    """Results cannot be written."""
