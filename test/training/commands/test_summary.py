"""Summaries give the counts of the published figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_ros.core.models import ModelStore
from training.__main__ import COMMANDS, main

pytestmark = pytest.mark.usefixtures('keras_backend')


def test_multiply_adds_of_a_plain_convolution_are_correct() -> None:
    import keras

    from training.exporting.model_size import multiply_adds

    picture = keras.Input((10, 10, 3))
    x = keras.layers.Conv2D(4, 3)(picture)
    x = keras.layers.SeparableConv2D(5, 3, padding='same')(x)
    network = keras.Model(picture, keras.layers.Dense(2)(keras.layers.Flatten()(x)))
    convolution, separable, dense = 8 * 8 * 9 * 3 * 4, 8 * 8 * (9 * 4 + 4 * 5), 8 * 8 * 5 * 2
    assert multiply_adds(network) == convolution + separable + dense


def test_the_summary_is_printed_and_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(ModelStore().load_card('mini_xception').folder)
    arguments = ['mini_xception', folder, '--layers', '--draw', str(tmp_path)]
    assert main(['summary', *arguments]) == 0
    said = capsys.readouterr().out
    assert f'\n{folder} ' in said
    assert '58,423' in said
    assert 'head_convolution' in said
    assert (tmp_path / 'mini_xception.png').stat().st_size > 1000


def test_an_unknown_model_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['summary', 'no_such_net']) == 1
    assert 'no_such_net is neither an architecture' in capsys.readouterr().err


@pytest.mark.parametrize('command', COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, '--help'])
    assert ended.value.code == 0
    assert COMMANDS[command][1:30] in capsys.readouterr().out.replace('\n', ' ')
