"""The profiles that the topics use."""

from __future__ import annotations

from collections.abc import Mapping

from fer_ros.ros.contract.schema import Parameter, Qos

#: Publishers of topics with one message for each frame. Reliable is compatible with every
#: subscription (REP-2003).
FRAMES = Qos('reliable', 'volatile', 1)
#: Subscriptions to topics with one message for each frame (REP-2003).
SENSOR_DATA = Qos('best_effort', 'volatile', 1)
EVENTS = Qos('reliable', 'volatile', 1000)
DIAGNOSTICS = Qos('reliable', 'volatile', 10)
RELIABLE = Qos('reliable', 'volatile', 10)
#: As tf2's own listeners and broadcasters.
TRANSFORMS = Qos('reliable', 'volatile', 100)
STATIC_TRANSFORMS = Qos('reliable', 'transient_local', 100)
#: For states that late subscribers need. About people, they contain only ids of faces in view.
LATCHED = Qos('reliable', 'transient_local', 1)

#: The policies that the parameters qos_overrides.<topic>.<side>.<policy> can set. rclpy declares
#: these parameters when the node creates the topic.
QOS_POLICIES: Mapping[str, Parameter] = {
    policy.name: policy
    for policy in (
        Parameter('depth', 1, 'Messages to keep.', minimum=1),
        Parameter('history', 'keep_last', 'Which to keep.', choices=('keep_last', 'keep_all')),
        Parameter(
            'reliability',
            'reliable',
            'Whether lost messages are sent again.',
            choices=('reliable', 'best_effort'),
        ),
    )
}
