"""The values that nodes add to their diagnostics."""

from __future__ import annotations

from collections.abc import Mapping

#: Name to meaning. Counts begin with the start of the node. A node reports the values that apply
#: to it, and most counts only if they are not 0.
VALUES: Mapping[str, str] = {
    'state': 'lifecycle state',
    'rate_hz': 'processed frames per second since the last report',
    'processed': 'count of processed frames',
    'latency_median_ms': 'median time from the stamp of a frame to its result, in milliseconds',
    'latency_max_ms': 'longest time from the stamp of a frame to its result, in milliseconds',
    'latency': 'reason if there is no number: the stamps come from another clock',
    'clock': 'note that the stamps come from another host',
    'detection_median_ms': 'median duration of the detection in milliseconds',
    'classification_median_ms': 'median duration of the classification in milliseconds',
    'dropped_transport': 'count of messages that were lost between publisher and node, computed '
    'from the numbers of the messages that arrive',
    'losses_unknown': 'count of messages before which it is unknown how many were lost: the first '
    'of a publisher, all while the topic has several publishers, and all before Jazzy',
    'dropped_busy': 'count of messages that were replaced by a newer one while the node was busy',
    'dropped_late': 'count of messages with a stamp before that of an earlier message',
    'failed': 'count of messages or pictures whose processing raised an unexpected error',
    'failed_to_pass_on': 'count of results that another node in the same process failed on',
    'bad_messages': 'count of messages with content that cannot be used',
    'bad_images': 'count of images that cannot be decoded or processed',
    'bad_faces': 'count of messages with faces that cannot be classified',
    'stamped_on_arrival': 'count of messages with an unusable stamp, which was replaced by the '
    'time of arrival',
    'crops': 'count of crops that were cut',
    'unclassified': 'count of faces without a crop',
    'without_depth': 'count of frames without a depth image',
    'newest_transform': 'count of frames that used the newest transform, because none was known '
    'for their time',
    'unmatched': 'count of results without an image of their stamp',
    'viewers': 'number of browsers that show the picture',
    'camera_info': 'whether camera_info is calibrated',
    'depth': 'note that no depth image arrives on the topic of depth_topic',
    'source_dropped': 'count of frames since the source was opened that were broken, or replaced '
    'by a newer one',
    'source_failures': 'count of failures after which the source was opened again',
}
