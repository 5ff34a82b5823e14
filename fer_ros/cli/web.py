"""web: the dashboard and the HTTP API on a camera, clip or stream, without ROS."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fer_ros.core.arguments import ArgumentParser
from fer_ros.core.classification import load_classifier
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.detection.select import create_detector
from fer_ros.core.ending import end_signals
from fer_ros.core.errors import FerError
from fer_ros.core.models import DEFAULT_MODEL, ModelStore
from fer_ros.core.picture_classifier import PictureClassifier
from fer_ros.core.pipeline import EmotionStage, FaceStage
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.core.sources import SourceConfig, create_source
from fer_ros.web.addresses import qr_code
from fer_ros.web.board import Board
from fer_ros.web.libraries import require_libraries
from fer_ros.web.local_controls import LocalControls, LocalSettings
from fer_ros.web.local_pipeline import LocalPipeline
from fer_ros.web.model_cards import ModelCards
from fer_ros.web.settings import TOKEN_VARIABLE, WebSettings, is_loopback, read_token
from fer_ros.web.stream import PictureStream

if TYPE_CHECKING:
    from fer_ros.web.server import WebServer

#: Seconds after which the main thread looks whether another thread received a signal: Python runs
#: handlers in the main thread alone, and a signal elsewhere does not wake it.
SIGNAL_PERIOD = 0.2


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C; return the exit code."""
    options = _parser().parse_args(argv)
    stopping = threading.Event()
    for number in end_signals():
        signal.signal(number, lambda *_: stopping.set())
    try:
        require_libraries()
        settings = WebSettings(
            options.address,
            options.port,
            read_token(options.token_file),
            tuple(options.allowed_host),
            tuple(options.cors_origin),
        )
        _serve(options, settings, stopping)
    except FerError as error:
        print(f'web: {error}', file=sys.stderr)
        return 1
    return 0


def _serve(options: argparse.Namespace, settings: WebSettings, stopping: threading.Event) -> None:
    """Run pipeline and server until told to stop. Raises FerError."""
    # Imported here: they need libraries that may be missing.
    from fer_ros.web.application import create_application
    from fer_ros.web.browser_camera import CameraService
    from fer_ros.web.pages import create_pages
    from fer_ros.web.server import WebServer
    from fer_ros.web.services import Services
    from fer_ros.web.uploads import PictureService
    from fer_ros.web.videos import VideoService

    store = ModelStore()
    board = Board()
    stream = PictureStream(board.people)
    models = ModelCards(given=options.model)
    controls = LocalControls(
        LocalSettings(options.source, options.model, options.detector),
        lambda chosen: _pipeline(options, chosen, store, board, stream),
        board,
        models,
        options.allow_source,
    )
    services = Services(
        board,
        stream,
        PictureService(lambda: _picture_classifier(options, store)),
        VideoService(lambda: _stages(options, controls.settings, store, id_prefix='face')),
        models,
        None if options.no_controls else controls,
        None
        if options.privacy
        else CameraService(lambda: _stages(options, controls.settings, store)),
    )
    application = create_application(
        services, settings, create_pages(board, stream, options.privacy)
    )
    with WebServer(application, settings) as server:
        try:
            controls.start()
            _tell_addresses(server, settings)
            while not stopping.wait(SIGNAL_PERIOD):
                pass
        finally:
            controls.stop()
            services.close()


def _pipeline(
    options: argparse.Namespace,
    chosen: LocalSettings,
    store: ModelStore,
    board: Board,
    stream: PictureStream,
) -> LocalPipeline:
    source = create_source(chosen.source, SourceConfig(loop=True, fps=options.fps))
    shown = None if options.privacy else stream
    return LocalPipeline(source, *_stages(options, chosen, store), board, shown)


def _tell_addresses(server: WebServer, settings: WebSettings) -> None:
    """Print where the pages are, for other devices as a QR code, too."""
    print(f'dashboard: {server.url}\nAPI:       {server.url}/docs', flush=True)
    for url in server.urls[1:]:
        print(f'or:        {url}', flush=True)
    if not is_loopback(settings.address):
        print(*qr_code(server.url), sep='\n')
        print('Other devices are asked for the token: it is not in the address.', flush=True)
    print('Ctrl-C ends.', flush=True)


def _stages(
    options: argparse.Namespace,
    chosen: LocalSettings,
    store: ModelStore,
    id_prefix: str | None = None,
) -> tuple[FaceStage, EmotionStage]:
    classifier = load_classifier(store.load_card(chosen.model), options.runtime)
    attributes = [
        load_classifier(store.load_card(name), options.runtime) for name in options.attribute_model
    ]
    detector = create_detector(chosen.detector, DetectorConfig(), store)
    return (
        FaceStage(detector, classifier.crop_spec, id_prefix=id_prefix),
        EmotionStage(classifier, chosen.smoothing, attributes=attributes),
    )


def _picture_classifier(options: Any, store: ModelStore) -> PictureClassifier:
    """Return what classifies uploads: of its own, since the pipeline's works on its thread."""
    load = [
        load_classifier(store.load_card(name), options.runtime)
        for name in (options.model, *options.attribute_model)
    ]
    return PictureClassifier(
        create_detector(options.detector, DetectorConfig(), store),
        load[0],
        SmoothingConfig().uncertain_threshold,
        load[1:],
    )


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog='web', description=__doc__)
    parser.add_argument(
        '--source',
        default='auto',
        help='camera, file, folder, URL, synthetic, demo or auto (the camera if '
        'there is one, else demo); default: %(default)s',
    )
    parser.add_argument('--fps', type=float, default=0.0, help='frames per second to ask for')
    parser.add_argument(
        '--allow-source',
        action='append',
        default=[],
        metavar='SOURCE',
        help='a source that people at the page may choose, besides the one in use, the cameras '
        'and the demo; may be repeated',
    )
    parser.add_argument(
        '--no-controls',
        action='store_true',
        help='nobody may change source, camera, model, detector or sensitivity from a page',
    )
    parser.add_argument(
        '--privacy',
        action='store_true',
        help='show no picture, and take none of a camera of a browser',
    )
    parser.add_argument(
        '--address',
        default='127.0.0.1',
        help='to listen on; another than the default needs a token',
    )
    parser.add_argument('--port', type=int, default=8080, help='0 takes a free one')
    parser.add_argument(
        '--token-file',
        default='',
        metavar='FILE',
        help=f'file with the token that clients must show; without it ${TOKEN_VARIABLE}, if set',
    )
    parser.add_argument(
        '--allowed-host',
        action='append',
        default=[],
        metavar='NAME',
        help='a name under which browsers reach this server, besides its address '
        'and host name; may be repeated',
    )
    parser.add_argument(
        '--cors-origin',
        action='append',
        default=[],
        metavar='ORIGIN',
        help='a web application on another server whose pages may ask this one, '
        'such as http://localhost:3000; may be repeated',
    )
    parser.add_argument('--model', default=DEFAULT_MODEL, help='by name or folder')
    parser.add_argument(
        '--attribute-model',
        action='append',
        default=[],
        metavar='NAME',
        help='a model of a further attribute, such as gender; may be repeated',
    )
    parser.add_argument(
        '--runtime', default='auto', choices=('auto', 'litert', 'onnxruntime', 'opencv')
    )
    parser.add_argument(
        '--detector', default='auto', choices=('auto', 'retinaface', 'yunet', 'haar')
    )
    return parser
