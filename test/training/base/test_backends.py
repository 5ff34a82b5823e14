"""Data needs no backend; training runs on torch and on several JAX devices if installed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from fer_ros.core.notes import without_notes
from training.base.backend import NOTES

ROOT = Path(__file__).resolve().parents[3]


def _train_elsewhere(
    data: Path,
    run: Path,
    *options: str,
    environment: dict[str, str],
    starter: Sequence[str] = (sys.executable, '-m', 'training', 'train'),
) -> subprocess.CompletedProcess[str]:
    """Train one epoch in a separate process: a process has one backend."""
    command = [
        *starter, '--data', str(data), '--out', str(run), '--model', 'tiny_xception',
        '--batch-size', '16', '--copies', 'exact', '--development', '0.2', *options,
    ]  # fmt: skip
    if '--epochs' not in options:
        command += ['--epochs', '1']
    environment = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)


def test_reading_and_augmentation_import_no_backend(faces_npz: Path) -> None:
    script = (
        'import sys, pathlib, numpy as np\n'
        'from training.data.readers.npz import read_npz\n'
        'from training.data.augment import AugmentConfig, augment_batch\n'
        f'data = read_npz(pathlib.Path({str(faces_npz)!r}))\n'
        'augment_batch(data.pictures.load(slice(4)), AugmentConfig(), np.random.default_rng(0))\n'
        'assert not {"tensorflow", "keras", "torch", "jax"} & set(sys.modules)\n'
    )
    subprocess.run([sys.executable, '-c', script], check=True, cwd=ROOT)


def test_training_runs_on_torch(faces_npz: Path, tmp_path: Path) -> None:
    for module in ('keras', 'torch'):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f'{module} is not installed')
    done = _train_elsewhere(
        faces_npz, tmp_path / 'run', '--balance', '0.5', '--class-weights', '--l2', '1e-4',
        environment={'KERAS_BACKEND': 'torch'},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-800:]
    assert (tmp_path / 'run' / 'best.keras').exists()
    assert 'oneDNN' not in done.stderr, 'notes of TensorFlow'


@pytest.mark.parametrize(('backend', 'triton'), [('torch', ['triton']), ('tensorflow', [])])
def test_triton_is_loaded_before_tensorflow(
    tmp_path: Path, backend: str, triton: list[str]
) -> None:
    for name in ('keras', 'torch', 'triton', 'tensorflow'):
        (tmp_path / f'{name}.py').write_text(f'print({name!r})')
    script = f'from training.base.backend import choose_backend; choose_backend({backend!r})'
    paths = os.pathsep.join((str(tmp_path), str(ROOT)))
    done = subprocess.run(
        [sys.executable, '-c', script],
        capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, 'PYTHONPATH': paths},
    )  # fmt: skip
    assert done.stdout.split() == [*triton, 'tensorflow']


def test_two_processes_share_a_run_on_torch(faces_npz: Path, tmp_path: Path) -> None:
    for module in ('keras', 'torch'):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f'{module} is not installed')
    torchrun = [
        sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2',
        '-m', 'training', 'train', '--backend', 'torch', '--ema', '0.9',
    ]  # fmt: skip
    done = _train_elsewhere(faces_npz, tmp_path / 'run', starter=torchrun, environment={})
    assert done.returncode == 0, done.stderr[-800:]
    assert done.stdout.count('kept epoch') == 1, 'one process alone prints'
    assert (tmp_path / 'run' / 'best.keras').exists()
    again = _train_elsewhere(
        faces_npz, tmp_path / 'run', '--resume', '--epochs', '2', starter=torchrun, environment={}
    )
    assert again.returncode == 0, again.stderr[-800:]


def test_several_processes_need_torch_and_divisible_batches() -> None:
    from training.errors import TrainingError
    from training.learning.processes import Processes, check_processes, processes_of

    two = processes_of({'RANK': '1', 'WORLD_SIZE': '2'})
    assert two == Processes(1, 2)
    assert processes_of({}) == Processes(0, 1)
    check_processes(Processes(), 'jax', 15, 'plateau')
    check_processes(two, 'torch', 16, 'cosine')
    for backend, batch_size, schedule, said in (
        ('tensorflow', 16, 'cosine', '--backend torch'),
        ('torch', 15, 'cosine', '--batch-size 15'),
        ('torch', 16, 'plateau', '--schedule plateau'),
    ):
        with pytest.raises(TrainingError, match=said):
            check_processes(two, backend, batch_size, schedule)


def test_each_process_gets_a_different_part_of_a_batch(keras_backend: str) -> None:
    import numpy as np

    from training.data.augment import AugmentConfig
    from training.data.dataset import make_dataset
    from training.learning.batches import Batches

    images = np.arange(8, dtype=np.uint8)[:, None, None] * np.ones((4, 4), np.uint8)
    data = make_dataset(images, list(range(8)), [str(n) for n in range(8)])
    same = AugmentConfig(rotation=0, shift=0, zoom=0, flip=0)
    targets = np.eye(8, dtype=np.float32)
    whole = Batches(data, targets, 4, same)
    shares = [Batches(data, targets, 4, same, share=(rank, 2)) for rank in (0, 1)]
    for index in range(2):
        parts = [share[index][1].argmax(1) for share in shares]
        assert [len(part) for part in parts] == [2, 2]
        assert set(np.concatenate(parts)) == set(whole[index][1].argmax(1))


def test_the_fastest_installed_backend_is_chosen_and_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from training.base import backend

    monkeypatch.setattr(backend, '_may_have_gpu', lambda: False)
    assert backend._fastest(['tensorflow', 'torch', 'jax']) == 'torch'
    assert 'training with torch (--backend selects another)' in capsys.readouterr().out
    assert backend._fastest(['tensorflow', 'jax']) == 'tensorflow'


def test_a_backend_with_a_gpu_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from training.base import backend

    # A GPU cannot be expected here.
    monkeypatch.setattr(backend, '_may_have_gpu', lambda: True)
    monkeypatch.setattr(backend, '_sees_gpu', lambda name: name == 'tensorflow')
    assert backend._fastest(['tensorflow', 'torch']) == 'tensorflow'
    assert 'has a GPU' in capsys.readouterr().out
    assert backend._fastest(['torch']) == 'torch'


def test_a_gpu_is_looked_for_in_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.base import backend

    assert not backend._may_have_gpu(tmp_path)
    (tmp_path / 'nvidiactl').touch()
    assert backend._may_have_gpu(tmp_path)
    monkeypatch.setattr(backend, 'GPU_TESTS', {'with': 'exit(not True)', 'without': 'exit(True)'})
    assert backend._sees_gpu('with')
    assert not backend._sees_gpu('without')


def test_each_process_of_a_machine_uses_another_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip('torch')
    distributed = pytest.importorskip('torch.distributed')
    from training.learning.processes import processes_of

    # Two GPUs cannot be expected here.
    chosen: list[int] = []
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
    monkeypatch.setattr(torch.cuda, 'set_device', chosen.append)
    monkeypatch.setattr(distributed, 'init_process_group', lambda kind: None)
    monkeypatch.setattr(distributed, 'destroy_process_group', lambda: None)
    with processes_of({'RANK': '3', 'WORLD_SIZE': '4', 'LOCAL_RANK': '1'}).connected():
        assert chosen == [1]


def test_batches_are_shared_over_two_jax_devices(faces_npz: Path, tmp_path: Path) -> None:
    for module in ('keras', 'jax'):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f'{module} is not installed')
    two_devices = {
        'KERAS_BACKEND': 'jax', 'JAX_PLATFORMS': 'cpu',
        'XLA_FLAGS': '--xla_force_host_platform_device_count=2',
    }  # fmt: skip
    done = _train_elsewhere(faces_npz, tmp_path / 'run', '--devices', '2', environment=two_devices)
    assert done.returncode == 0, done.stderr[-800:]
    assert (tmp_path / 'run' / 'best.keras').exists()


def test_a_missing_backend_is_named(monkeypatch: pytest.MonkeyPatch, keras_backend: str) -> None:
    from training.base.backend import choose_backend
    from training.errors import TrainingError

    with pytest.raises(TrainingError, match="'mlx' is not installed"):
        choose_backend('mlx')


def test_tensorflow_writes_no_notes_to_the_terminal() -> None:
    for module in ('keras', 'tensorflow'):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f'{module} is not installed')
    script = (
        'import sys\n'
        'from training.base.backend import choose_backend\n'
        'choose_backend("tensorflow")\n'
        'import keras\n'
        'print("a fault", file=sys.stderr)\n'
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith('TF_')}
    done = subprocess.run(
        [sys.executable, '-c', script], capture_output=True, text=True, check=True, cwd=ROOT,
        env=environment,
    )  # fmt: skip
    assert done.stderr == 'a fault\n'


def test_only_notes_are_removed_from_the_output_of_an_import(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with without_notes(*NOTES):
        os.write(2, b'I0000 00:00:1.1 1 port.cc:1] oneDNN is on\nE0000 a fault\nas before\n')
    assert capfd.readouterr().err == 'E0000 a fault\nas before\n'
