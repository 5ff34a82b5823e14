"""rep155_node: faces and apparent expressions by REP-155, for the tools of ROS4HRI.

REP-155, 'Conventions, Topics, Interfaces for Perception in Human-Robot Interaction':
https://www.ros.org/reps/rep-0155.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rclpy.publisher import Publisher
from sensor_msgs.msg import Image
from std_msgs.msg import Bool, String

from fer_msgs.msg import FaceArray
from fer_ros.core.attention.engagement import EngagementConfig, EngagementDetector
from fer_ros.core.errors import LateError
from fer_ros.core.options import from_values
from fer_ros.core.stamp_order import StampOrder
from fer_ros.core.types import S_TO_NS, EmotionSet, Face, FaceSet
from fer_ros.ros import messages
from fer_ros.ros.adapters.packages import messages_of
from fer_ros.ros.adapters.rep155 import Rep155Messages
from fer_ros.ros.base.arrivals import EXPIRY_PERIOD
from fer_ros.ros.base.emotion_converter import EmotionConverter
from fer_ros.ros.base.qos import qos_profile
from fer_ros.ros.base.run import run_nodes
from fer_ros.ros.contract import (
    FACE_ALIGNED,
    FACE_CROPPED,
    FACE_EXPRESSION,
    FACE_LANDMARKS,
    FACE_ROI,
    FACES,
    HUMANS_FACES_TRACKED,
    HUMANS_PERSONS_TRACKED,
    PERSON_ANONYMOUS,
    PERSON_ENGAGEMENT,
    PERSON_FACE_ID,
    REP155_NODE,
)

#: Topics of each face.
OF_FACE = (FACE_ROI, FACE_LANDMARKS, FACE_CROPPED, FACE_ALIGNED, FACE_EXPRESSION)

#: Topics of each person.
OF_PERSON = (PERSON_FACE_ID, PERSON_ANONYMOUS, PERSON_ENGAGEMENT)

#: Prefix of the id of a face that gives the id of its person.
PERSON_PREFIX = 'anonymous_person_'


@dataclass(slots=True)
class _TrackedFace:
    """The publishers of a face by topic of the contract, and its last stamp in nanoseconds."""

    publishers: dict[str, Publisher]
    last_seen: int = 0

    def watched(self, topic: str) -> Publisher | None:
        """Return the publisher of a topic if it has a subscription."""
        publisher = self.publishers.get(topic)
        return publisher if publisher and publisher.get_subscription_count() else None


class Rep155Node(EmotionConverter):
    """Keeps topics for each face from its first detection until it has left."""

    def __init__(self, **kwargs: Any) -> None:
        self._faces: dict[str, _TrackedFace] = {}
        self._order = StampOrder()
        self._messages: Rep155Messages | None = None
        #: The newest faces, and the time of the node's clock at their arrival, nanoseconds.
        self._last_faces: tuple[FaceSet, int] | None = None
        self._engagement = EngagementDetector()
        super().__init__(REP155_NODE, **kwargs)

    def configure(self) -> None:
        """Find hri_msgs and create the publisher of the ids."""
        self._messages = Rep155Messages(messages_of('hri_msgs'), int(self.parameters['crop_size']))
        self._tracked_publisher = self.create_contract_publisher(HUMANS_FACES_TRACKED)
        self._persons_publisher = None
        if self.parameters['persons']:
            self._persons_publisher = self.create_contract_publisher(HUMANS_PERSONS_TRACKED)
        self._engagement = EngagementDetector(self._engagement_config(self.parameters.values()))

    def activate(self) -> None:
        """Subscribe. With privacy, there are no faces with crops, so the expressions are used for
        both."""
        super().activate()
        if not self.is_private:
            self.subscribe(FACES, self._on_faces)
        self._expiry_timer = self.repeat(EXPIRY_PERIOD, self._expire)

    def deactivate(self) -> None:
        """Unsubscribe and let every face leave."""
        timer = self.__dict__.pop('_expiry_timer', None)
        if timer is not None:
            self.destroy_timer(timer)
            self.forget_destroyed()
        super().deactivate()
        if self._last_faces is not None:
            self._leave(set(self._faces), self._last_faces[0])
            self._last_faces = None
        self._order.reset()

    def cleanup(self) -> None:
        """Release the messages."""
        self._messages = None

    def apply_parameters(self) -> None:
        """Apply a new size of the crops, and new limits of engagement."""
        if self._messages is not None:
            self._messages.crop_size = int(self.parameters['crop_size'])
        self._engagement.config = self._engagement_config(self.parameters.values())

    def _engagement_config(self, values: dict[str, Any]) -> EngagementConfig:
        return from_values(EngagementConfig, values)

    def publish_emotions(self, emotions: EmotionSet) -> None:
        """Publish the expression of each face that is tracked."""
        assert self._messages is not None
        if self.is_private:
            self._take_faces(
                FaceSet(
                    emotions.stamp,
                    emotions.frame_id,
                    emotions.image_width,
                    emotions.image_height,
                    tuple(Face(face.face_id, face.box, 1.0) for face in emotions.faces),
                )
            )
        for face in emotions.faces:
            tracked = self._faces.get(face.face_id)
            if tracked is None:
                continue
            expression = self._messages.expression(face, emotions)
            tracked.publishers[FACE_EXPRESSION].publish(expression)
            if self._persons_publisher is not None:
                level = self._engagement.update(face, emotions.stamp)
                tracked.publishers[PERSON_ENGAGEMENT].publish(
                    self._messages.engagement(level, emotions)
                )
        self._engagement.keep_only(self._faces.keys())

    def _on_faces(self, message: FaceArray) -> None:
        self._take_faces(messages.face_set(message))

    def _take_faces(self, faces: FaceSet) -> None:
        try:
            time_went_back = self._order.step_back(faces.stamp) > 0
        except LateError:
            self.statistics.count('dropped_late')
            return
        if time_went_back:
            # For example a looped file or a bag. All faces get new ids.
            self._leave(set(self._faces), faces)
        self._last_faces = faces, self.now()
        self._leave(self._absent(faces.stamp), faces)
        for face in faces.faces:
            tracked = self._faces.get(face.face_id) or self._enter(face.face_id)
            tracked.last_seen = faces.stamp
        self._publish_tracked(faces)
        assert self._messages is not None
        for face in faces.faces:
            tracked = self._faces[face.face_id]
            tracked.publishers[FACE_ROI].publish(self._messages.roi(face, faces))
            has_landmarks = face.landmarks is not None
            if has_landmarks and (publisher := tracked.watched(FACE_LANDMARKS)):
                publisher.publish(self._messages.landmarks(face, faces))
            if face.crop is not None and (publisher := tracked.watched(FACE_CROPPED)):
                publisher.publish(self._messages.cropped(face.crop, faces))
            is_turned = has_landmarks and face.crop is not None
            if is_turned and (publisher := tracked.watched(FACE_ALIGNED)):
                publisher.publish(self._messages.aligned(face, faces))

    def _expire(self) -> None:
        """Let faces leave while no message arrives."""
        if self._last_faces is not None and self._faces:
            faces, received = self._last_faces
            # Only the elapsed time matters, because the clock of another host can differ.
            silence = max(self.now() - received, 0)
            self._leave(self._absent(faces.stamp + silence), faces)

    def _absent(self, now: int) -> set[str]:
        timeout = float(self.parameters['track_timeout']) * S_TO_NS
        return {
            face_id
            for face_id, tracked in self._faces.items()
            if now - tracked.last_seen > timeout
        }

    def _enter(self, face_id: str) -> _TrackedFace:
        prefix = self._folder(self._tracked_publisher)
        publishers = {
            name: self._publisher_below(f'{prefix}/{face_id}', name)
            for name in OF_FACE
            if not (self.is_private and self.contract.topic(name).picture)
        }
        if self._persons_publisher is not None:
            person = f'{self._folder(self._persons_publisher)}/{PERSON_PREFIX}{face_id}'
            for name in OF_PERSON:
                publishers[name] = self._publisher_below(person, name)
            # Latched: programs that read the list of persons later receive them, too.
            publishers[PERSON_FACE_ID].publish(String(data=face_id))
            publishers[PERSON_ANONYMOUS].publish(Bool(data=True))
        tracked = self._faces[face_id] = _TrackedFace(publishers)
        return tracked

    def _folder(self, publisher: Publisher) -> str:
        """Return the prefix for the topics of ids, from the remapped topic of their list."""
        return str(publisher.topic_name).rpartition('/')[0]

    def _publisher_below(self, prefix: str, name: str) -> Publisher:
        topic = self.contract.topic(name)
        kind = Image if topic.picture else messages.message_type(topic.type)
        # Not a lifecycle publisher, because it is created and destroyed while the node is active.
        return self.create_publisher(
            kind, f'{prefix}/{name.rpartition("/")[2]}', qos_profile(topic.qos)
        )

    def _leave(self, face_ids: set[str], faces: FaceSet) -> None:
        """Remove faces from the list first, then their topics."""
        gone = [self._faces.pop(face_id) for face_id in face_ids]
        if gone:
            self._publish_tracked(faces)
        for tracked in gone:
            for topic in list(tracked.publishers):
                self.destroy_publisher(tracked.publishers.pop(topic))
        if gone:
            self.forget_destroyed()

    def _publish_tracked(self, faces: FaceSet) -> None:
        assert self._messages is not None
        ids = list(self._faces)
        self._tracked_publisher.publish(self._messages.ids(ids, faces))
        if self._persons_publisher is not None:
            persons = [PERSON_PREFIX + face_id for face_id in ids]
            self._persons_publisher.publish(self._messages.ids(persons, faces))


def main() -> int:
    """Run rep155_node."""
    return run_nodes(lambda: [Rep155Node()])
