"""The profiles that the topics use."""

from __future__ import annotations

from fer_ros.ros.contract.schema import Qos

#: Publishers of what comes with each frame. Reliable fits every subscription (REP-2003).
FRAMES = Qos('reliable', 'volatile', 1)
#: Subscriptions to what comes with each frame (REP-2003).
SENSOR_DATA = Qos('best_effort', 'volatile', 1)
EVENTS = Qos('reliable', 'volatile', 1000)
DIAGNOSTICS = Qos('reliable', 'volatile', 10)
RELIABLE = Qos('reliable', 'volatile', 10)
#: For states that who comes later must know. Nothing of a person.
LATCHED = Qos('reliable', 'transient_local', 1)
