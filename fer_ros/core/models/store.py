"""Finds models in an ordered list of folders. The first with the name is used."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from fer_ros.core.errors import ModelError
from fer_ros.core.models.card import CARD_FILE, ModelCard
from fer_ros.core.models.files import sha256_of
from fer_ros.core.paths import user_path
from fer_ros.core.suggestion import suggestion

#: Folders with models, separated like PATH. They are searched after those of the parameter.
PATH_VARIABLE = 'FER_ROS_MODEL_PATH'

#: The model that is used if none is named.
DEFAULT_MODEL = 'default'


def user_model_folder() -> Path:
    """Return the folder for models of this user, by the XDG base directory specification."""
    data = os.environ.get('XDG_DATA_HOME', '')
    # The specification requires that a relative path is ignored.
    base = Path(data) if os.path.isabs(data) else user_path('~/.local/share')
    if not base.is_absolute():
        base = Path('/nonexistent')  # There is no home folder. Debian uses this path for that.
    return base / 'fer_ros' / 'models'


class ModelStore:
    """Models by name, from an ordered list of folders.

    The order: the folders given here, those of FER_ROS_MODEL_PATH, the user's data folder,
    share/fer_ros/models of every install space in AMENT_PREFIX_PATH, those of the checkout that
    contains this file, and those of the installed wheel. Folders that do not exist are skipped.
    """

    def __init__(self, folders: Sequence[Path | str] | None = None) -> None:
        given = [user_path(folder) for folder in folders or ()]
        prefixes = _paths_of('AMENT_PREFIX_PATH')
        ordered = [
            *given,
            *_paths_of(PATH_VARIABLE),
            user_model_folder(),
            *(prefix / 'share' / 'fer_ros' / 'models' for prefix in prefixes),
            *_own_folders(),
        ]
        self.folders: tuple[Path, ...] = tuple(dict.fromkeys(ordered))

    def names(self) -> list[str]:
        """Return the names of all models, in search order."""
        cards = (
            card
            for folder in self.folders
            if os.path.isdir(folder)
            for card in sorted(folder.glob(f'*/{CARD_FILE}'))
        )
        return list(dict.fromkeys(card.parent.name for card in cards))

    def load_card(self, name_or_folder: str | Path) -> ModelCard:
        """Return the verified card of a model.

        Args:
            name_or_folder: A name of names(), or the path of a model folder (a Path, or a text
                with a path separator).

        Raises:
            ModelError: No folder has the model, or the model is wrong.
        """
        if isinstance(name_or_folder, Path) or '/' in name_or_folder:
            return ModelCard.read(user_path(name_or_folder))
        if name_or_folder.strip('. '):
            for folder in self.folders:
                if os.path.isfile(folder / name_or_folder / CARD_FILE):
                    return ModelCard.read(folder / name_or_folder)
        names = self.names()
        raise ModelError(
            f'no model {name_or_folder!r}{suggestion(name_or_folder, names) or "."} Available '
            f'models: {", ".join(names) or "none"}. Use one of these names or the path of a model '
            f'folder, or add its parent folder to {PATH_VARIABLE}. Searched: {self._searched()}'
        )

    def find_file(self, filename: str, sha256: str) -> Path | None:
        """Return the path of a file that is not a model with a card, or None if there is none.

        Args:
            filename: Plain file name. Each folder is searched, without subfolders.
            sha256: SHA-256 of the content, in hexadecimal.

        Raises:
            ModelError: The first file of that name has another hash. An altered file is never
                used, and never silently replaced by another one.
        """
        for folder in self.folders:
            path = folder / filename
            if not os.path.isfile(path):
                continue
            try:
                found = sha256_of(path.read_bytes())
            except OSError as error:
                raise ModelError(
                    f'{path}: cannot be read ({error.strerror}). Check its permissions.'
                ) from error
            if found != sha256:
                raise ModelError(
                    f'{path}: altered or truncated: its sha256 is {found}, expected {sha256}. '
                    'Remove the file, or fetch it again.'
                )
            return path
        return None

    def _searched(self) -> str:
        return ', '.join(map(str, self.folders))


def _paths_of(variable: str) -> list[Path]:
    entries = os.environ.get(variable, '').split(os.pathsep)
    return [user_path(entry) for entry in entries if entry]


def _own_folders() -> list[Path]:
    """Return models/ of the checkout and of the installed wheel, if there are any.

    Python that starts in a checkout imports the package of the checkout, even if the wheel is
    installed. Only the wheel contains the network of the face detector.
    """
    package = Path(__file__).resolve().parents[2]
    is_checkout = (package.parent / 'package.xml').is_file()
    folders = [package.parent / 'models'] if is_checkout else []
    for installed in (package, Path(sysconfig.get_path('purelib')) / 'fer_ros'):
        folders.append(installed / 'share' / 'models')  # where hatch_build.py puts them
    return [folder for folder in folders if folder.is_dir()]
