"""The controls of web_node: parameters and services of the nodes of the pipeline."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.srv import GetParameters, SetParametersAtomically
from rclpy.client import Client
from rclpy.node import Node
from rclpy.parameter import Parameter, parameter_value_to_python
from std_srvs.srv import SetBool

from fer_ros.ros.contract import (
    CAMERA_ENABLE,
    CAMERA_NODE,
    EMOTION_CLASSIFIER_NODE,
    FACE_DETECTOR_NODE,
)
from fer_ros.web.controls import (
    DETECTOR_NAMES,
    Changes,
    ControlError,
    Controls,
    ControlState,
    Sensitivity,
    SourceChoice,
    allowed,
)
from fer_ros.web.model_cards import ModelCards
from fer_ros.web.state.pipeline_state import PipelineState

#: Seconds for an answer of a node, and for loading a model.
ANSWER_TIME = 5.0
LOAD_TIME = 30.0

#: Seconds until the diagnostics of a node show why it refused.
REASON_TIME = 3.0

_CAMERA = CAMERA_NODE.name
_DETECTOR = FACE_DETECTOR_NODE.name
_CLASSIFIER = EMOTION_CLASSIFIER_NODE.name

_READ = {
    _CAMERA: ('source',),
    _DETECTOR: ('detector',),
    _CLASSIFIER: ('model', 'smoothing', 'time_constant', 'hold', 'uncertain_threshold'),
}

#: Nodes that read the model.
_WITH_MODEL = (_DETECTOR, _CLASSIFIER)

Values = dict[str, Any]


class RosControls(Controls):
    """Controls the other nodes. Its methods run on threads of the server, never on those of the
    node.

    Args:
        sources: Further sources to choose from, besides the first one, cameras and the demo.
        chosen: Called with the selected values of model, detector and sensitivity, by the names
            of parameters.
    """

    def __init__(
        self,
        node: Node,
        pipeline_state: PipelineState,
        models: ModelCards,
        sources: Iterable[str],
        chosen: Values,
    ) -> None:
        self._chosen = chosen
        self._node = node
        self._pipeline_state = pipeline_state
        self._models = models
        self._sources = tuple(sources)
        self._choice: SourceChoice | None = None
        self._usual: Sensitivity | None = None
        self._lock = threading.Lock()
        self._clients: dict[str, Client] = {}
        for name in _READ:
            self._add(GetParameters, f'{name}/get_parameters')
            self._add(SetParametersAtomically, f'{name}/set_parameters_atomically')
            self._add(ChangeState, f'{name}/change_state')
            self._add(GetState, f'{name}/get_state')
        self._enable = CAMERA_ENABLE.replace('~', _CAMERA)
        self._add(SetBool, self._enable)

    def destroy(self) -> None:
        """Destroy the clients."""
        for client in self._clients.values():
            self._node.destroy_client(client)
        self._clients.clear()

    def state(self) -> ControlState:
        """Return the current values.

        Raises:
            ControlError: The classifier does not answer.
        """
        classifier = self._values(_CLASSIFIER)
        camera = self._values(_CAMERA) if self._is_there(_CAMERA) else {}
        detector = self._values(_DETECTOR) if self._is_there(_DETECTOR) else {}
        sensitivity = Sensitivity(
            *(classifier[name] for name in ('time_constant', 'hold', 'uncertain_threshold'))
        )
        self._usual = self._usual or sensitivity
        source = ''
        names: tuple[str, ...] = ()
        if camera:
            current, here = camera['source'], self._is_here(_CAMERA)
            choice = self._source_choice(current)
            names = tuple(choice.by_name(current, here))
            source = choice.name_of(current, here)
        return ControlState(
            camera_on=self._pipeline_state.camera_on() if camera else None,
            source=source,
            sources=names,
            model=classifier['model'],
            models=self._model_names(classifier['model']) if detector else (),
            detector=detector.get('detector', ''),
            detectors=DETECTOR_NAMES if detector else (),
            smoothing=classifier['smoothing'],
            sensitivity=sensitivity,
            usual=self._usual,
        )

    def change(self, changes: Changes) -> None:
        """Set parameters. For another model or detector, the nodes are configured again."""
        with self._lock:
            if changes.source is not None:
                self._set(_CAMERA, {'source': self._source_named(changes.source)})
            names = ('time_constant', 'hold', 'uncertain_threshold')
            wanted = {name: getattr(changes, name) for name in names}
            wanted = {name: value for name, value in wanted.items() if value is not None}
            if wanted:
                self._set(_CLASSIFIER, wanted)
                self._chosen.update(wanted)
            if changes.detector is not None:
                detector = allowed(changes.detector, 'detector', DETECTOR_NAMES)
                self._load((_DETECTOR,), 'detector', detector)
                self._chosen['detector'] = detector
            if changes.model is not None:
                before = self._values(_CLASSIFIER)['model']
                model = allowed(changes.model, 'model', self._model_names(before))
                self._load(_WITH_MODEL, 'model', model)
                self._chosen['model'] = model

    def turn_camera(self, on: bool) -> None:
        """Call the service of camera_node."""
        answer = self._call(self._enable, SetBool.Request(data=on), LOAD_TIME)
        if not answer.success:
            raise ControlError(f'{_CAMERA}: {answer.message}')

    # Sources and models to choose from.

    def _source_choice(self, current: str) -> SourceChoice:
        self._choice = self._choice or SourceChoice(current, self._sources)
        return self._choice

    def _source_named(self, name: str) -> str:
        choice = self._source_choice(self._values(_CAMERA)['source'])
        return choice.source(name, self._is_here(_CAMERA))

    def _model_names(self, current: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((current, *self._models.names())))

    def _is_here(self, name: str) -> bool:
        """Return whether a node runs on this machine, so that its cameras can be listed."""
        here = self._pipeline_state.host
        return any(
            node.name == name and node.host == here for node in self._pipeline_state.nodes()
        )

    # Parameters.

    def _values(self, node: str) -> Values:
        names = _READ[node]
        answer = self._call(f'{node}/get_parameters', GetParameters.Request(names=list(names)))
        if len(answer.values) != len(names):
            raise ControlError(
                f'{node} has other parameters: install the same version of fer_ros everywhere'
            )
        return {
            name: parameter_value_to_python(value)
            for name, value in zip(names, answer.values, strict=True)
        }

    def _set(self, node: str, values: Values) -> None:
        request = SetParametersAtomically.Request(
            parameters=[
                Parameter(name, value=value).to_parameter_msg() for name, value in values.items()
            ]
        )
        result = self._call(f'{node}/set_parameters_atomically', request, LOAD_TIME).result
        if not result.successful:
            raise ControlError(f'{node}: {result.reason}')

    def _load(self, nodes: Iterable[str], name: str, value: str) -> None:
        """Set a parameter that is read at configure on the nodes that have another value. If one
        refuses it, restore their values."""
        values = {node: self._parameter(node, name) for node in nodes}
        before = {node: old for node, old in values.items() if old != value}
        try:
            for node in before:
                self._load_on(node, name, value)
        except ControlError:
            for node, old in before.items():
                self._load_on(node, name, old)
            raise

    def _load_on(self, node: str, name: str, value: str) -> None:
        self._go(node, State.PRIMARY_STATE_UNCONFIGURED)
        self._set(node, {name: value})
        self._go(node, State.PRIMARY_STATE_ACTIVE)

    def _parameter(self, node: str, name: str) -> Any:
        answer = self._call(f'{node}/get_parameters', GetParameters.Request(names=[name]))
        return parameter_value_to_python(answer.values[0])

    def _go(self, node: str, state: int) -> None:
        """Change a node to a state. Raises ControlError with the reason of the node."""
        up = state == State.PRIMARY_STATE_ACTIVE
        while (now := self._state(node)) != state:
            transition = _UP.get(now) if up else _DOWN.get(now)
            if transition is None:
                raise ControlError(f'{node} cannot be changed in its state: restart it')
            request = ChangeState.Request(transition=Transition(id=transition))
            if not self._call(f'{node}/change_state', request, LOAD_TIME).success:
                raise ControlError(self._why(node))

    def _state(self, node: str) -> int:
        return int(self._call(f'{node}/get_state', GetState.Request()).current_state.id)

    def _why(self, node: str) -> str:
        """Return the message of a node in its diagnostics, which it publishes once a second."""
        asked = self._pipeline_state.clock()
        while self._pipeline_state.clock() - asked < REASON_TIME:
            for one in self._pipeline_state.nodes():
                if one.name == node and one.heard > asked:
                    return f'{node}: {one.message}'
            time.sleep(0.1)
        return f'{node} refused the change: its log shows the reason'

    # Services.

    def _add(self, kind: Any, name: str) -> None:
        self._clients[name] = self._node.create_client(kind, name)

    def _is_there(self, node: str) -> bool:
        return bool(self._clients[f'{node}/get_parameters'].service_is_ready())

    def _call(self, name: str, request: Any, patience: float = ANSWER_TIME) -> Any:
        """Return the answer of a service. Raises ControlError if there is none."""
        client = self._clients.get(name)
        node = name.partition('/')[0]
        if client is None or not client.service_is_ready():
            raise ControlError(
                f'{node} does not run or cannot be reached: start it, or check the network'
            )
        answered = threading.Event()
        future = client.call_async(request)
        future.add_done_callback(lambda _: answered.set())
        if not answered.wait(patience):
            client.remove_pending_request(future)
            raise ControlError(f'{node} does not answer: wait, or restart it')
        return future.result()


_DOWN = {
    State.PRIMARY_STATE_ACTIVE: Transition.TRANSITION_DEACTIVATE,
    State.PRIMARY_STATE_INACTIVE: Transition.TRANSITION_CLEANUP,
}
_UP = {
    State.PRIMARY_STATE_UNCONFIGURED: Transition.TRANSITION_CONFIGURE,
    State.PRIMARY_STATE_INACTIVE: Transition.TRANSITION_ACTIVATE,
}
