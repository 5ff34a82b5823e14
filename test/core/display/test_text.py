"""Texts on pictures have the characters that the font of OpenCV has."""

from __future__ import annotations

from fer_ros.core.display.text import in_ascii, text_width


def test_letters_lose_their_accents_and_other_characters_become_one_mark() -> None:
    assert in_ascii('glücklich') == in_ascii('glu\u0308cklich') == 'glucklich'
    assert in_ascii('开心 75%') == '?? 75%'
    assert text_width('glücklich', 12) == text_width('glucklich', 12)
