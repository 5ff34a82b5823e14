"""classify_image: label the apparent expressions in a picture with classify_image_node."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import rclpy
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from fer_msgs.srv import ClassifyImage
from fer_ros.cli.picture_files import check_output, write_annotated
from fer_ros.cli.scores import report
from fer_ros.core.arguments import ArgumentParser, number_in, some_path
from fer_ros.core.errors import FerError
from fer_ros.core.sources.base import read_source_file
from fer_ros.ros import messages
from fer_ros.ros.base.command_line import split_arguments
from fer_ros.ros.base.peers import leave_out_unknown_peers
from fer_ros.ros.base.start import start_ros
from fer_ros.ros.contract import CLASSIFY_IMAGE


def main(argv: Sequence[str] | None = None) -> int:
    """Send a picture and print the response. Return the exit code: 1 after an error."""
    arguments = sys.argv[1:] if argv is None else argv
    own, _ = split_arguments(arguments)
    options = _parser().parse_args(own)
    try:
        if options.out:
            check_output(options.out)
        request = ClassifyImage.Request(annotate=options.out is not None)
        request.compressed_image = messages.compressed_message(
            0, '', read_source_file(options.picture)
        )
        for name in leave_out_unknown_peers():
            print(
                f'classify_image: the name of the peer {name} cannot be resolved, so nodes on '
                'that host are not found: correct ROS_STATIC_PEERS',
                file=sys.stderr,
            )
        start_ros(arguments, SignalHandlerOptions.ALL)
        try:
            response = _ask(request, options.timeout)
        finally:
            rclpy.try_shutdown()
        if response.status != ClassifyImage.Response.OK:
            raise FerError(f'{options.picture}: {response.message}')
        print(report(str(options.picture), messages.emotion_set(response.result)))
        if options.out:
            write_annotated(options.out, messages.frame_from_image(response.annotated_image).image)
    except FerError as error:
        print(f'classify_image: {error}', file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog='classify_image', description=__doc__)
    parser.add_argument('picture', type=some_path, metavar='PICTURE', help='picture file')
    parser.add_argument(
        '--out',
        '--output',
        type=some_path,
        metavar='FILE',
        help='new file for the picture with boxes and labels (PNG or JPEG)',
    )
    parser.add_argument(
        '--timeout',
        type=number_in(float, 0, 3600),
        default=10.0,
        metavar='SECONDS',
        help='seconds to wait for the node (default: %(default)s)',
    )
    return parser


def _ask(request: ClassifyImage.Request, timeout: float) -> ClassifyImage.Response:
    """Return the response of the node. Raises FerError if there is none."""
    node = Node('classify_image')
    client = node.create_client(ClassifyImage, CLASSIFY_IMAGE)
    if not client.wait_for_service(timeout):
        raise FerError(
            f'no node serves {client.srv_name}: start ros2 run fer_ros classify_image_node'
        )
    future = client.call_async(request)
    rclpy.spin_until_future_complete(node, future, timeout_sec=timeout)
    if not future.done():
        raise FerError(
            f'{client.srv_name} did not answer within {timeout:g} s: try again, or raise --timeout'
        )
    return future.result()
