"""single_process: run the nodes of the pipeline in one process, connected by direct calls."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from fer_ros.core.arguments import ArgumentParser
from fer_ros.ros.base.command_line import split_arguments
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.base.run import run_nodes
from fer_ros.ros.nodes.camera_node import CameraNode
from fer_ros.ros.nodes.emotion_classifier_node import EmotionClassifierNode
from fer_ros.ros.nodes.face_detector_node import FaceDetectorNode


def create_nodes(
    with_camera: bool,
    with_overlay: bool = False,
    with_markers: bool = False,
) -> Sequence[FerNode]:
    """Return the connected nodes. Without a camera, images are subscribed."""
    detector = FaceDetectorNode(direct=with_camera)
    classifier = EmotionClassifierNode(direct=True)
    detector.connect(classifier.take_faces)
    nodes: list[FerNode] = [detector, classifier]
    if with_camera:
        camera = CameraNode()
        camera.connect(detector.take_frame)
        nodes.insert(0, camera)
    # Imported only if requested, because visualization_msgs is optional and slow to import.
    if with_markers:
        from fer_ros.ros.nodes.marker_node import MarkerNode

        markers = MarkerNode(direct=True)
        classifier.connect(markers.take_emotions)
        nodes.append(markers)
    if with_overlay:
        from fer_ros.ros.nodes.overlay_node import OverlayNode

        # Without camera_node, images and expressions are subscribed.
        overlay = OverlayNode(direct=with_camera)
        if with_camera:
            camera.connect(overlay.take_frame)
            classifier.connect(overlay.take_emotions)
        nodes.append(overlay)
    return nodes


def main() -> int:
    """Run the pipeline in this process."""
    parser = ArgumentParser(prog='single_process', description=__doc__)
    parser.add_argument(
        '--no-camera', action='store_true', help='subscribe to images instead of opening a source'
    )
    parser.add_argument('--overlay', action='store_true', help='also run overlay_node')
    parser.add_argument('--markers', action='store_true', help='also run marker_node')
    own, of_ros = split_arguments(sys.argv[1:])
    options = parser.parse_args(own)
    return run_nodes(
        lambda: create_nodes(not options.no_camera, options.overlay, options.markers),
        of_ros,
    )
