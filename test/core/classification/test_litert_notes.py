"""Output of LiteRT during loading: notes are removed, and the rest is printed."""

from __future__ import annotations

import os

import pytest

from fer_ros.core.classification.litert_runtime import NOTE
from fer_ros.core.notes import without_notes


@pytest.mark.parametrize('system', ['Linux', 'macOS'])
def test_notes_are_removed_and_other_output_is_printed_afterwards(capfd, monkeypatch, system):
    if system == 'macOS':
        monkeypatch.delattr(os, 'memfd_create', raising=False)
    with without_notes(NOTE):
        os.write(2, b'INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n')
        os.write(2, b'WARNING: a weight is not finite\n')
    os.write(2, b'later\n')
    assert capfd.readouterr().err == 'WARNING: a weight is not finite\nlater\n'


def test_an_error_keeps_its_message_and_the_output_before_it(capfd):
    def load() -> None:
        os.write(2, b'ERROR: no model\n')
        raise ValueError('no model')

    with pytest.raises(ValueError, match='no model'), without_notes(NOTE):
        load()
    assert capfd.readouterr().err == 'ERROR: no model\n'
