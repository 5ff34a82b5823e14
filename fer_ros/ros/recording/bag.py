"""A rosbag2 folder with MCAP storage, written without rosbag2: for `ros2 bag`, Foxglove, rosbags.

https://github.com/ros2/rosbag2 describes the folder. metadata.yaml has version 5, for Humble and
later.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

from fer_ros import __version__
from fer_ros.core.errors import BagError
from fer_ros.ros.recording.mcap import McapWriter

_METADATA_VERSION = 5
_PRIMITIVES = re.compile(r'(bool|byte|char|float32|float64|u?int(8|16|32|64)|w?string)\b')
_FIELD_TYPE = re.compile(r'\s*([A-Za-z]\w*(?:/\w+)*)')


class Bag:
    """Records serialised messages of given topics. The bag is complete on disk after each flush().

    Args:
        folder: Folder of the bag. It must not exist.
        topics: Names and types (package/Type), in the order of write().

    Raises:
        BagError: The bag cannot be written.
    """

    def __init__(self, folder: Path, topics: Sequence[tuple[str, str]]) -> None:
        self.folder = folder
        self._topics = [(name, '/msg/'.join(kind.split('/'))) for name, kind in topics]
        definitions = [definition(kind) for _, kind in topics]
        try:
            folder.mkdir(parents=True)
        except FileExistsError as error:
            raise BagError(
                f'{folder} already exists and is not changed: name another folder'
            ) from error
        except OSError as error:
            raise self._error(error) from error
        self._file = folder / f'{folder.name}_0.mcap'
        try:
            self._writer = McapWriter(self._file, f'fer_ros {__version__}')
            for (name, kind), text in zip(self._topics, definitions, strict=True):
                # Without a profile, players publish with their default.
                self._writer.add_channel(name, kind, text, {'offered_qos_profiles': ''})
            self._write_metadata()
        except OSError as error:
            raise self._error(error) from error

    @property
    def messages(self) -> int:
        """Return the number of messages that can be read from disk."""
        return sum(self._writer.counts)

    def write(self, topic: int, time: int, data: bytes) -> None:
        """Add a message.

        Args:
            topic: Index in topics.
            time: Time of its arrival, in nanoseconds.
        """
        try:
            self._writer.add(topic, time, data)
        except OSError as error:
            raise self._error(error) from error

    def flush(self) -> None:
        """Write everything to disk, so that it can be read if this process ends."""
        try:
            self._writer.flush()
            self._write_metadata()
        except OSError as error:
            raise self._error(error) from error

    def close(self) -> None:
        """Flush and close. A second call has no effect."""
        try:
            self._writer.close()
            self._write_metadata()
        except OSError as error:
            raise self._error(error) from error

    def _write_metadata(self) -> None:
        counts = list(self._writer.counts)
        first, last = self._writer.times
        span = {
            'duration': {'nanoseconds': last - first},
            'starting_time': {'nanoseconds_since_epoch': first},
            'message_count': sum(counts),
        }
        information = {
            'version': _METADATA_VERSION,
            'storage_identifier': 'mcap',
            **_copy(span),
            'topics_with_message_count': [
                {
                    'topic_metadata': {
                        'name': name,
                        'type': kind,
                        'serialization_format': 'cdr',
                        'offered_qos_profiles': '',
                    },
                    'message_count': count,
                }
                for (name, kind), count in zip(self._topics, counts, strict=True)
            ],
            'compression_format': '',
            'compression_mode': '',
            'relative_file_paths': [self._file.name],
            'files': [{'path': self._file.name, **_copy(span)}],
        }
        text = yaml.safe_dump({'rosbag2_bagfile_information': information}, sort_keys=False)
        temporary = self.folder / '.metadata.yaml'
        try:
            temporary.write_text(text, encoding='utf-8')
            os.replace(temporary, self.folder / 'metadata.yaml')
        finally:
            temporary.unlink(missing_ok=True)

    def _error(self, error: OSError) -> BagError:
        kept = ''
        if hasattr(self, '_writer') and self.messages:
            kept = f'; the {self.messages} earlier messages can be read'
        return BagError(
            f'cannot write {self.folder}: {error.strerror or error}{kept}: free some space or '
            'check the permissions, and record into another folder'
        )


def _copy(span: dict[str, Any]) -> dict[str, Any]:
    """Return a deep copy, because YAML would write an object that occurs twice as a reference."""
    return {key: dict(value) if isinstance(value, dict) else value for key, value in span.items()}


def definition(kind: str) -> str:
    """Return the .msg text of a type named package/Type, followed by those of its fields.

    Raises:
        BagError: A package of messages is not installed.
    """
    texts: dict[str, str] = {}
    waiting = [kind]
    while waiting:
        name = waiting.pop(0)
        if name not in texts:
            texts[name] = _message_text(name)
            waiting += _types_in(texts[name], name.split('/')[0])
    separator = f'\n{"=" * 80}\nMSG: '
    first = texts.pop(kind)
    return first + ''.join(f'{separator}{name}\n{text}' for name, text in texts.items())


def _message_text(kind: str) -> str:
    package, name = kind.split('/')
    try:
        return (Path(get_package_share_directory(package)) / 'msg' / f'{name}.msg').read_text(
            encoding='utf-8'
        )
    except (PackageNotFoundError, OSError) as error:
        raise BagError(
            f'no definition of {kind} ({error}): install {package} and source its workspace'
        ) from error


def _types_in(text: str, package: str) -> list[str]:
    """Return the types of the fields that are messages, as package/Type."""
    found = []
    for line in text.splitlines():
        match = _FIELD_TYPE.match(line)
        if match and not _PRIMITIVES.match(match[1]):
            parts = match[1].split('/')
            found.append(f'{parts[0] if len(parts) > 1 else package}/{parts[-1]}')
    return found
