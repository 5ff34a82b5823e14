"""The notebooks in docs/ run from the first cell to the last."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / 'docs' / 'notebooks').glob('*.ipynb'))

nbclient = pytest.importorskip('nbclient', reason='no nbclient')
nbformat = pytest.importorskip('nbformat', reason='no nbformat')
pytest.importorskip('ipykernel', reason='no ipykernel')


@pytest.mark.parametrize('file', NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_runs(file, photographs, tmp_path, monkeypatch):
    pytest.importorskip('pandas', reason='no pandas')
    path = os.environ.get('PYTHONPATH', '')
    monkeypatch.setenv('PYTHONPATH', os.pathsep.join([str(ROOT), path]))
    monkeypatch.setenv('IPYTHONDIR', str(tmp_path / 'ipython'))
    notebook = nbformat.read(file, as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=600, resources={'metadata': {'path': tmp_path}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get('outputs', ())]
    assert not [output for output in outputs if output.output_type in ('error', 'stream')]
    assert any('image/png' in output.get('data', {}) for output in outputs), 'a plot is shown'


@pytest.mark.parametrize('file', NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_is_stored_without_results(file):
    """They would show the machine and the time of the last run."""
    notebook = nbformat.read(file, as_version=4)
    for cell in notebook.cells:
        assert not cell.get('outputs')
        assert cell.get('execution_count') is None
