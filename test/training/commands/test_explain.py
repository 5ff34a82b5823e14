"""The explain command: its options, its picture, its errors."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
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


@pytest.mark.parametrize('name', ['why', 'why.xyz'])
def test_an_unknown_kind_of_picture_is_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    arguments = ['--model', 'no_model', '--picture', 'no.png', '--out', str(tmp_path / name)]
    assert main(['explain', *arguments]) == 1
    assert f'{name} is not a picture file: use a name' in capsys.readouterr().err


def test_a_class_in_any_language_is_written_without_warnings(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    recwarn: pytest.WarningsRecorder,
) -> None:
    from training.explaining import explanation

    image = make_images(1, 7)[0]
    found = explanation.Explanation(image, '', '\u559c\u3073', {'map': np.ones((48, 48))})
    monkeypatch.setattr(explanation, 'explain', lambda *given: found)
    out = tmp_path / 'why.png'
    assert main(['explain', '--model', 'm', '--picture', 'p.png', '--out', str(out)]) == 0
    assert out.is_file()
    assert not [warning for warning in recwarn if 'Glyph' in str(warning.message)]
