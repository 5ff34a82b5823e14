"""Bad input needs hypothesis; test/fuzz/targets.py with atheris is run by `make fuzz`."""

from __future__ import annotations

import pytest

pytest.importorskip('hypothesis', reason='the Python package hypothesis is not installed')
