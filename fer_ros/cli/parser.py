"""A parser of command lines whose errors show no password."""

from __future__ import annotations

import argparse
from typing import NoReturn

from fer_ros.core.redaction import redact


class CommandParser(argparse.ArgumentParser):
    """argparse quotes what it cannot read, and that may be the address of a camera."""

    def error(self, message: str) -> NoReturn:
        """Print usage and error, and end with 2."""
        super().error(redact(message))
