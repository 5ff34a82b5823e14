"""An option without effect is refused, and a log gets no progress bars."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from training.__main__ import main


@pytest.fixture
def data(tmp_path: Path) -> str:
    """Return two pictures, one of each split."""
    np.savez(
        tmp_path / 'x.npz',
        images=np.zeros((2, 48, 48), np.uint8),
        labels=np.array([0, 1]),
        classes=np.array(['happy', 'sad']),
        splits=np.array(['train', 'test']),
    )
    return str(tmp_path / 'x.npz')


@pytest.mark.parametrize(
    ('command', 'named'),
    [
        (
            'evaluate --model m --data DATA --near',
            '--near .* The splits of this data: test, train',
        ),
        ('evaluate --model m --data DATA --near --split train', '--near'),
        ('evaluate --model m --data DATA --no-faces', '--report'),
        ('evaluate --model m --data DATA --run r', '--run uses its own data'),
        ('evaluate --model m --run r --size 64', 'remove --size or --run'),
        ('evaluate --model m --run r --channels gray', 'remove --channels or --run'),
        ('robustness --model m --data DATA --no-faces', '--report'),
        ('inspect --data DATA --channels rgb', '--channels'),
        ('compare m --data DATA --out result.txt', r'result\.txt is not a report file'),
        ('inspect --data DATA --classes happy sad', '--classes'),
        (
            'train --data DATA --out r --saturation 0.5',
            '--saturation has no effect on gray pictures: remove it, .* --channels rgb',
        ),
    ],
)
def test_an_option_without_an_effect_is_refused(
    data: str, capsys: pytest.CaptureFixture[str], command: str, named: str
) -> None:
    assert main([data if word == 'DATA' else word for word in command.split()]) == 1
    assert re.search(named, capsys.readouterr().err)


@pytest.mark.usefixtures('keras_backend')
@pytest.mark.parametrize(
    ('option', 'needed'),
    [
        ('--distill-share', '--teacher'),
        ('--relabel-share', '--relabel'),
        ('--relabel-copies', '--relabel'),
        ('--freeze', '--init'),
    ],
)
def test_a_training_option_without_its_prerequisite_is_refused(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, needed: str
) -> None:
    value = {'--freeze': [], '--relabel-copies': ['3']}.get(option, ['0.3'])
    assert main(['train', '--data', data, '--out', str(tmp_path / 'run'), option, *value]) == 1
    assert needed in capsys.readouterr().err


def test_pictures_that_were_removed_as_copies_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(
        tmp_path / 'same.npz', images=np.zeros((4, 48, 48), np.uint8), labels=np.arange(4) % 2,
        classes=np.array(['happy', 'sad']),
    )  # fmt: skip
    arguments = ['--data', str(tmp_path / 'same.npz'), '--out', str(tmp_path / 'run')]
    assert main(['train', *arguments, '--copies', 'exact', '--development', '0']) == 1
    assert 'removed: 4 conflicting labels' in capsys.readouterr().err


def test_a_log_gets_no_progress_bar(data: str, tmp_path: Path) -> None:
    (tmp_path / 'out').mkdir()
    code = (
        'from training.base.progress import progress\nprint(sum(progress(range(5), "counting")))'
    )
    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ('10\n', '')


@pytest.mark.parametrize(
    'command',
    ['balance m --offsets sad=nan', 'balance m --strength inf', 'import m --out o --scale nan'],
)
def test_a_number_that_would_spoil_the_model_is_refused(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    with pytest.raises(SystemExit):
        main(command.split())
    assert re.search('not a finite number|not CLASS=VALUE', capsys.readouterr().err)


def test_a_size_out_of_range_is_refused(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    for size in ('0', '99999999'):
        assert main(['inspect', '--data', data, '--size', size]) == 1
        assert f'size is {size}: it must be from 1 to' in capsys.readouterr().err
