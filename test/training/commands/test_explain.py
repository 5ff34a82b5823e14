"""The explain command: its options, its picture, its errors."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from support.training_runs import make_images

from training.__main__ import main

pytestmark = pytest.mark.usefixtures('keras_backend')


def test_the_command_writes_a_picture(trained_run: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / 'face.png'), make_images(1, 7)[0])
    out = tmp_path / 'out' / 'why.png'
    arguments = ['--model', str(trained_run), '--picture', str(tmp_path / 'face.png')]
    assert main(['explain', *arguments, '--class', 'Happiness', '--out', str(out)]) == 0
    assert cv2.imread(str(out)).shape[1] > 500


@pytest.mark.parametrize('given', [['--model', 'm'], ['--picture', 'p.png'], ['m', 'p.png']])
def test_model_and_picture_are_required(given: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(['explain', *given])


def test_an_unknown_class_is_named(
    trained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(tmp_path / 'face.png'), make_images(1, 7)[0])
    arguments = ['--model', str(trained_run), '--picture', str(tmp_path / 'face.png')]
    assert main(['explain', *arguments, '--class', 'bored']) == 1
    assert "no class 'bored'" in capsys.readouterr().err
