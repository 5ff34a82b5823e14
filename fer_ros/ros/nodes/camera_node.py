"""camera_node: publishes the frames of a camera, file or stream."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.srv import SetCameraInfo
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

from fer_ros.core.errors import FerError, SourceError
from fer_ros.core.options import from_values
from fer_ros.core.position import CameraModel
from fer_ros.core.source_spec import missing_file
from fer_ros.core.sources import FrameSource, SourceConfig, create_source
from fer_ros.core.sources.reader import SourceReader
from fer_ros.core.types import Frame
from fer_ros.core.upright import Upright
from fer_ros.core.view import CameraView
from fer_ros.ros import messages
from fer_ros.ros.base.diagnostics import ERROR, OK, WARN, Condition
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.base.qos import qos_profile
from fer_ros.ros.base.run import run_nodes
from fer_ros.ros.contract import (
    CAMERA_ENABLE,
    CAMERA_ENABLED,
    CAMERA_INFO,
    CAMERA_NODE,
    IMAGE_COMPRESSED,
    IMAGE_RAW,
    SET_CAMERA_INFO,
)
from fer_ros.ros.messages.calibration import read_calibration
from fer_ros.ros.nodes.camera_calibration import CameraCalibration, store_calibration

#: What camera_info is without a calibration file.
APPROXIMATE = (
    'approximate, from horizontal_fov: for accurate positions and head poses, calibrate the '
    'camera and set camera_info_url'
)

#: Takes a frame, its camera, and whether the thread of the source can process it.
FrameSink = Callable[[Frame, CameraModel, bool], None]


class CameraNode(FerNode):
    """Reads one source on a separate thread and publishes each frame."""

    def __init__(self, **kwargs: Any) -> None:
        self._sinks: list[FrameSink] = []
        self._reader: SourceReader | None = None
        self._calibration = CameraCalibration()
        #: What the source was opened with. None while the node is not active.
        self._opened_with: tuple[str, SourceConfig] | None = None
        self._buffer = messages.ImageBuffer()
        self._info_buffer = messages.CameraInfoBuffer()
        #: Whether a message of the last frame was published.
        self._has_readers = False
        # None before it is created. A node whose parameters are refused is destroyed before that
        # (Kilted).
        self._enabled: bool | None = False
        super().__init__(CAMERA_NODE, **kwargs)
        topic = self.contract.topic(CAMERA_ENABLED)
        # Not a lifecycle publisher, because it mainly reports that the camera is off.
        self._enabled_publisher = self.create_publisher(
            Bool,
            topic.name,
            qos_profile(topic.qos),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
        self._enabled = None
        self._publish_enabled(False)
        self.create_service(SetBool, CAMERA_ENABLE, self._on_enable)
        self.create_service(SetCameraInfo, SET_CAMERA_INFO, self._on_set_camera_info)

    def connect(self, sink: FrameSink) -> None:
        """Also pass each frame to a node in this process, without a message."""
        self._sinks.append(sink)

    def configure(self) -> None:
        """Read the calibration and create the publishers."""
        self.require_private_way(self._sinks)
        # The file may have changed.
        self._calibration = CameraCalibration()
        self.apply_parameters()
        # Messages of each frame. They are created only while there is a subscription.
        # camera_info first, so that most receivers of the image already have it.
        makers = {CAMERA_INFO: self._info}
        if not self.is_private:
            makers |= {IMAGE_RAW: self._image, IMAGE_COMPRESSED: self._jpeg}
        self._frame_publishers = [
            (self.create_contract_publisher(name), maker) for name, maker in makers.items()
        ]

    def activate(self) -> None:
        """Open the source. A live source that is missing is tried again."""
        self._start_reading()
        self._publish_enabled(True)

    def deactivate(self) -> None:
        """Stop reading and close the source."""
        self._stop_reading()
        self._opened_with = None
        self._publish_enabled(False)

    def check_parameters(self, values: dict[str, Any]) -> None:
        """Refuse values with which no source can be opened, and a bad calibration file."""
        config = self._source_config(values)
        Upright(int(values['rotation']), bool(values['flip']))
        source, url = str(values['source']), str(values['camera_info_url'])
        if not source.strip():
            raise ValueError('source is empty: set a camera, file, URL, or auto')
        # A wrong path must not end a source that is read. Before activation, a file may still
        # appear.
        if self._opened_with and self._opened_with[0] != source:
            fault = missing_file(source)
            if fault:
                raise ValueError(fault)
        try:
            create_source(source, config)
            # One that was accepted may be gone since then. Other values can still be set.
            if url not in ('', self._calibration.url):
                read_calibration(url)
        except SourceError as error:
            raise ValueError(str(error)) from error

    def apply_parameters(self) -> None:
        """Apply new values, and open the source again if they concern it."""
        values = self.parameters.values()
        self._calibration.read(str(values['camera_info_url']))
        if self._calibration.camera is None:
            self.get_logger().warning(f'camera_info is {APPROXIMATE}', once=True)
        self._jpeg_quality = int(values['jpeg_quality'])
        # Replaced as a whole, because the thread of the reader uses it.
        self._view = CameraView(
            Upright(int(values['rotation']), bool(values['flip'])),
            self._calibration.camera,
            float(values['horizontal_fov']),
        )
        if self._reader is not None:
            self._reader.delay = float(values['reconnect_delay'])
        if self._opened_with not in (None, self._opened_by(values)):
            self._stop_reading()
            self._start_reading()

    def condition(self) -> Condition:
        """Return whether frames arrive."""
        if self._reader is None:
            return Condition(ERROR, 'no source is open')
        source = self._reader.source
        if self._reader.has_ended:
            return Condition(WARN, f'{source.description}: the source has ended')
        if warning := source.warning or self._calibration.warning or self._lone_size():
            return Condition(WARN, f'{source.description}: {warning}')
        return Condition(OK, source.description)

    def values(self) -> dict[str, str]:
        """Add the number of frames that the source dropped, and what camera_info is."""
        if self._reader is None:
            return {}
        return {
            'source_dropped': str(self._reader.source.dropped),
            'camera_info': 'calibrated' if self._calibration.camera else APPROXIMATE,
        }

    def _source_config(self, values: dict[str, Any]) -> SourceConfig:
        if not (values['width'] and values['height']):
            # They can only be set one by one, so one alone has no effect.
            values = {**values, 'width': 0, 'height': 0}
        return replace(from_values(SourceConfig, values), clock=self.now)

    def _lone_size(self) -> str:
        """Return that width or height has no effect without the other. '' otherwise."""
        width, height = self.parameters['width'], self.parameters['height']
        if bool(width) == bool(height):
            return ''
        return f'width is {width} and height is {height}, so neither has an effect: set both'

    def _opened_by(self, values: dict[str, Any]) -> tuple[str, SourceConfig]:
        """Return the values whose change requires to open the source again."""
        config = self._source_config({**values, 'reconnect_delay': SourceConfig().reconnect_delay})
        return str(values['source']), config

    def _publish_enabled(self, enabled: bool) -> None:
        if enabled != self._enabled:
            self._enabled = enabled
            self._enabled_publisher.publish(Bool(data=enabled))

    def _on_enable(self, request: Any, response: Any) -> Any:
        """Turn the camera on or off by the lifecycle, for programs without lifecycle tools."""
        if request.data:
            if self.state_label == 'unconfigured':
                self.trigger_configure()
            if self.state_label == 'inactive':
                self.trigger_activate()
        elif self.state_label == 'active':
            self.trigger_deactivate()
        response.success = request.data == (self.state_label == 'active')
        response.message = self.fault or self.state_label
        return response

    def _on_set_camera_info(self, request: Any, response: Any) -> Any:
        """Store a calibration and use it."""
        values = self.parameters.values()
        upright = Upright(int(values['rotation']), bool(values['flip']))
        try:
            response.status_message = store_calibration(
                str(values['camera_info_url']), request.camera_info, upright, self.get_name()
            )
        except FerError as error:
            response.status_message = f'the calibration is not stored: {error}'
            self.get_logger().error(response.status_message)
            return response
        response.success = True
        self.get_logger().info(response.status_message)
        self._calibration = CameraCalibration()
        self._parameters_changed()
        return response

    def _start_reading(self) -> None:
        values = self.parameters.values()
        self._opened_with = self._opened_by(values)
        if warning := self._lone_size():
            self.get_logger().warning(warning)
        source = create_source(str(values['source']), self._source_config(values))
        self._reader = SourceReader(
            source,
            self._publish,
            self._on_failure,
            lambda: self._on_open(source),
            lambda: self.get_logger().info(f'{source.description}: the source has ended'),
            float(values['reconnect_delay']),
        )
        self._reader.start()

    def _stop_reading(self) -> None:
        if self._reader is not None:
            self._reader.stop()
            self._reader = None

    def _on_open(self, source: FrameSource) -> None:
        self.get_logger().info(f'opened {source.description}')
        if source.warning:
            self.get_logger().warning(source.warning)

    def _on_failure(self, error: Exception, again: bool) -> None:
        """Report why reading failed. It runs on the thread of the reader."""
        if again:
            self.report_fault(f'{error} (trying again)')
            self.statistics.count('source_failures')
        elif isinstance(error, SourceError):
            self.report_fault(str(error))
        else:
            logging.getLogger(__name__).error('camera_node stopped reading', exc_info=error)
            self.report_fault(f'stopped reading: {type(error).__name__}: {error}')

    def _publish(self, frame: Frame) -> None:
        frame, camera = self._view.of(frame)
        latency = self.latency(frame.stamp)
        # Messages must not wait until the nodes in this process have processed the frame.
        self.pass_on(self._sinks, frame, camera, not self._has_readers)
        self._has_readers = False
        for publisher, message_of in self._frame_publishers:
            if publisher.get_subscription_count():
                self._has_readers = True
                publisher.publish(message_of(frame, camera))
        if self._has_readers:
            latency = self.latency(frame.stamp)
        self.clear_fault()
        self.statistics.processed(latency)

    def _info(self, frame: Frame, camera: CameraModel) -> Any:
        return self._info_buffer.fill(camera, frame.stamp, frame.frame_id)

    def _image(self, frame: Frame, camera: CameraModel) -> Any:
        return self._buffer.fill(frame)

    def _jpeg(self, frame: Frame, camera: CameraModel) -> Any:
        return messages.jpeg_message(frame, self._jpeg_quality)


def main() -> int:
    """Run camera_node."""
    return run_nodes(lambda: [CameraNode()])
