"""web: serve the dashboard and the HTTP API for a camera, video or stream, without ROS."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fer_ros.cli.pipeline_options import add_pipeline_options, pipeline_config
from fer_ros.core.arguments import ArgumentParser, add_option, number_in
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.ending import end_event
from fer_ros.core.errors import FerError
from fer_ros.core.sources.base import SourceConfig
from fer_ros.web.libraries import require_libraries
from fer_ros.web.local.controls import LocalSettings
from fer_ros.web.local.site import LocalSite
from fer_ros.web.serving.addresses import qr_code
from fer_ros.web.serving.settings import TOKEN_VARIABLE, WebSettings, is_loopback, read_token

if TYPE_CHECKING:
    from fer_ros.web.serving.server import WebServer

#: Seconds between two checks for a signal that another thread received. Python runs handlers only
#: in the main thread, and a signal on another thread does not wake it.
SIGNAL_PERIOD = 0.2


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C. Return the exit code."""
    options = _parser().parse_args(argv)
    stopping = end_event()
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
    """Run pipeline and server until the end is requested. Raises FerError."""
    from fer_ros.web.local.server import serving  # It needs optional libraries.

    site = LocalSite(options.fps, options.privacy, options.allow_source, not options.no_controls)
    controls = site.controls(LocalSettings(options.source, pipeline_config(options)))
    with serving(site, controls, settings) as server:
        try:
            controls.start()
            _print_addresses(server, settings)
            while not stopping.wait(SIGNAL_PERIOD):
                pass
        finally:
            controls.stop()


def _print_addresses(server: WebServer, settings: WebSettings) -> None:
    """Print the addresses of the pages, and a QR code for other devices."""
    print(f'dashboard: {server.url}\nAPI:       {server.url}/docs', flush=True)
    for url in server.urls[1:]:
        print(f'or:        {url}', flush=True)
    if not is_loopback(settings.address):
        print(*qr_code(server.url), sep='\n')
        print('Other devices ask for the token, because it is not in the address.', flush=True)
    print('Press Ctrl-C to stop.', flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog='web', description=__doc__)
    parser.add_argument(
        '--source',
        default='auto',
        help='camera, file, folder, URL, synthetic, demo or auto (the camera if there is one, '
        'otherwise demo) (default: %(default)s)',
    )
    add_option(parser, SourceConfig, 'fps')
    parser.add_argument(
        '--allow-source',
        action='append',
        default=[],
        metavar='SOURCE',
        help='source that the page offers, besides the one in use, the cameras and the demo. '
        'Repeat the option for several',
    )
    parser.add_argument(
        '--no-controls',
        action='store_true',
        help='do not allow pages to change source, camera, model, detector or sensitivity',
    )
    parser.add_argument(
        '--privacy',
        action='store_true',
        help='show no image, and accept none from the camera of a browser',
    )
    _add_server_options(parser)
    add_pipeline_options(parser, DetectorConfig().search)
    return parser


def _add_server_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say who can reach the server."""
    parser.add_argument(
        '--address',
        default=WebSettings().address,
        help='address to listen on. Any other than the default needs a token (default: '
        '%(default)s)',
    )
    parser.add_argument(
        '--port',
        type=number_in(int, 0, 65535),
        default=WebSettings().port,
        help='port to listen on. 0 selects a free port (default: %(default)s)',
    )
    parser.add_argument(
        '--token-file',
        default='',
        metavar='FILE',
        help=f'file with the token that clients must send (default: ${TOKEN_VARIABLE}, if set)',
    )
    parser.add_argument(
        '--allowed-host',
        action='append',
        default=[],
        metavar='NAME',
        help='further name under which browsers reach this server, besides its address and host '
        'name. Repeat the option for several',
    )
    parser.add_argument(
        '--cors-origin',
        action='append',
        default=[],
        metavar='ORIGIN',
        help='origin of a web application on another server that may use the API, such as '
        'http://localhost:3000. Repeat the option for several',
    )
