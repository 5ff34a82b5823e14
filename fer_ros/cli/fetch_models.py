"""fetch_models: download the face detector YuNet from OpenCV Zoo, and check its hash.

The file has the MIT licence and is not part of this package. Nothing else is sent or downloaded.
"""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from pathlib import Path

from fer_ros.core.arguments import ArgumentParser, number_in
from fer_ros.core.detection.yunet import MODEL_FILE, MODEL_SHA256, MODEL_URL
from fer_ros.core.errors import FerError, ModelError
from fer_ros.core.models.files import sha256_of, write_atomically
from fer_ros.core.models.store import PATH_VARIABLE, ModelStore, user_model_folder
from fer_ros.core.paths import user_path
from fer_ros.core.pipeline_builder import PipelineBuilder

#: The file has 0.23 MB. A larger download is another file.
MAX_BYTES = 4_000_000
CHUNK_BYTES = 1 << 16


def download(url: str, timeout: float) -> bytes:
    """Return the content of an http or https address.

    Args:
        timeout: Seconds for the whole transfer, and for each pause in it.

    Raises:
        ModelError: There is no connection, the server reports an error, or the file is too slow,
            too large or incomplete.
    """
    if not url.startswith(('https://', 'http://')):
        raise ModelError(f'{url}: only http and https addresses can be downloaded')
    deadline = time.monotonic() + timeout
    chunks: list[bytes] = []
    received = 0
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            announced = int(response.headers.get('Content-Length', -1))
            while chunk := response.read1(CHUNK_BYTES):
                chunks.append(chunk)
                received += len(chunk)
                if received > MAX_BYTES:
                    raise ModelError(
                        f'{url}: larger than {MAX_BYTES} bytes, so it is another file'
                    )
                if time.monotonic() > deadline:
                    raise ModelError(
                        f'{url}: the download was not complete after {timeout:g} seconds'
                    )
    except urllib.error.HTTPError as error:
        raise ModelError(f'{url}: the server answered {error.code} {error.reason}') from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, 'reason', None) or error or type(error).__name__
        raise ModelError(f'{url}: the server cannot be reached ({reason})') from error
    if announced >= 0 and received != announced:
        raise ModelError(f'{url}: incomplete: {received} of {announced} bytes arrived')
    return b''.join(chunks)


def install(data: bytes, source: str, folder: Path) -> Path:
    """Write the file of the detector into a folder if its hash matches. Return its path.

    Raises:
        ModelError: It is another file, or the folder cannot be written.
    """
    found = sha256_of(data)
    if found != MODEL_SHA256:
        raise ModelError(
            f'{source}: not {MODEL_FILE}: its sha256 is {found}, expected {MODEL_SHA256}'
        )
    path = folder / MODEL_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
    except OSError as error:
        raise ModelError(
            f'{path}: cannot be written ({error.strerror}); check space and permissions, or '
            'choose another folder with --to'
        ) from error
    return path


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the command line, download the file, and print what was written or is used instead."""
    parser = ArgumentParser(prog='fetch_models', description=__doc__)
    parser.add_argument(
        '--to', type=Path, metavar='FOLDER', help='model folder (default: %(default)s)',
        default=user_model_folder(),
    )  # fmt: skip
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        '--url',
        default=MODEL_URL,
        help='address of a mirror to download from (default: OpenCV Zoo on GitHub)',
    )
    source.add_argument(
        '--file',
        type=Path,
        help=f'copy {MODEL_FILE} from this path, and download nothing',
    )
    parser.add_argument(
        '--timeout', type=number_in(float, 0.1, 3600), default=60.0, metavar='SECONDS',
        help='seconds after which the download fails (default: %(default)s)',
    )  # fmt: skip
    options = parser.parse_args(argv)
    folder = user_path(options.to)
    store = ModelStore([folder])
    try:
        if _is_installed(folder):
            print(f'{folder / MODEL_FILE} already exists')
            return 0
        data = _read(options.file) if options.file else download(options.url, options.timeout)
        path = install(data, str(options.file or options.url), folder)
    except ModelError as error:
        print(f'fetch_models: {error}.\nNothing was written. {_instead(store)}', file=sys.stderr)
        return 1
    print(f'wrote {path} ({len(data)} bytes, sha256 {MODEL_SHA256})')
    if folder not in ModelStore().folders:
        print(f'{folder} is not searched by default: add it to {PATH_VARIABLE}')
    return 0


def _is_installed(folder: Path) -> bool:
    path = folder / MODEL_FILE
    fits = os.path.isfile(path) and path.stat().st_size <= MAX_BYTES
    return fits and sha256_of(_read(path)) == MODEL_SHA256


def _read(path: Path) -> bytes:
    try:
        with user_path(path).open('rb') as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ModelError(f'{path}: cannot be read ({error.strerror})') from error
    if len(data) > MAX_BYTES:
        raise ModelError(f'{path}: larger than {MAX_BYTES} bytes, so it is another file')
    return data


def _instead(store: ModelStore) -> str:
    """Return which detector detector:=auto selects now."""
    try:
        detector = PipelineBuilder(store=store).detector()
    except FerError as error:
        return f'No other face detector is available: {error}.'
    return f'The detector used instead is {detector.name}.'


if __name__ == '__main__':
    sys.exit(main())
