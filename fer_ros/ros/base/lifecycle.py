"""A lifecycle node that reports why a transition failed, and whose process continues."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from lifecycle_msgs.msg import State
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from fer_ros.core.errors import FerError
from fer_ros.core.memory import release_free_memory
from fer_ros.core.missing import how_to_install
from fer_ros.core.redaction import redact
from fer_ros.ros.base.faults import Faults


class ReasonedLifecycleNode(LifecycleNode):
    """A lifecycle node with one method for each transition.

    Subclasses implement configure(), activate(), deactivate(), cleanup(). A FerError in configure
    or activate is logged and refuses the transition. Any other error is logged with its traceback
    and returns the node to unconfigured.
    """

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._faults = Faults(lambda text: self.get_logger().error(text))
        self._answer_impossible_transitions()

    # Subclasses override these.

    def configure(self) -> None:
        """Load files and create publishers."""

    def activate(self) -> None:
        """Start to work."""

    def deactivate(self) -> None:
        """Stop working and release devices. The subscriptions have ended already.

        It is also called after an error, in any state.
        """

    def cleanup(self) -> None:
        """Release the results of configure(), except publishers. It is also called after an
        error."""

    # The state.

    @property
    def state_label(self) -> str:
        """Return the lifecycle state: unconfigured, inactive, active, finalized."""
        return str(self._state_machine.current_state[1])

    @property
    def fault(self) -> str:
        """Return the current fault. '' if there is none."""
        return self._faults.current

    def report_fault(self, message: str) -> None:
        """Log a fault (an equal one every few seconds), and show it in diagnostics until it is
        cleared."""
        self._faults.report(message)

    def log_traceback(self, what: str) -> None:
        """Log what failed, with the traceback of the current exception."""
        self.get_logger().error(redact(f'{what}\n{traceback.format_exc().rstrip()}'))

    def clear_fault(self) -> None:
        """Forget the fault: the node works."""
        self._faults.clear()

    # Transitions. rclpy hides exceptions of their callbacks, so each is caught here.

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Run configure() and log why it failed. Return what loading left to the system."""
        result = self._attempt('configure', self.configure, self.release)
        release_free_memory()
        if result == TransitionCallbackReturn.SUCCESS:
            return super().on_configure(state)
        return result

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Run activate() and log why it failed."""
        # Publishers first, because activate() may start a thread that publishes.
        super().on_activate(state)
        result = self._attempt('activate', self.activate, self.stop_working)
        if result != TransitionCallbackReturn.SUCCESS:
            super().on_deactivate(state)
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Run deactivate()."""
        result = self._attempt('deactivate', self.stop_working, None)
        super().on_deactivate(state)
        return result

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Run cleanup(), and return free memory to the system."""
        result = self._attempt('cleanup', self.release, None)
        super().on_cleanup(state)
        release_free_memory()
        return result

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop and release everything, in any state."""
        self._stop_and_release()
        return super().on_shutdown(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Release everything. The node is unconfigured again and can be configured."""
        fault = self.fault
        self._stop_and_release()
        self._faults.current = fault
        return TransitionCallbackReturn.SUCCESS

    def autostart(self) -> None:
        """Configure and, if that succeeds, activate."""
        if self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def destroy_node(self) -> None:
        """Stop threads and devices before the node is destroyed."""
        self._stop_and_release()
        super().destroy_node()
        # rclpy keeps it. Until Python collects it, the node would stay in the graph, and a new
        # node of the same name would write to its /rosout.
        self._state_machine.destroy_when_not_in_use()

    def stop_working(self) -> None:
        """End the work, in any state."""
        self.deactivate()

    def release(self) -> None:
        """Release the results of configure, in any state."""
        self.cleanup()

    def _stop_and_release(self) -> None:
        for step in (self.stop_working, self.release):
            self._attempt('shut down', step, None)

    def _attempt(
        self,
        transition: str,
        step: Callable[[], None],
        undo: Callable[[], None] | None,
    ) -> TransitionCallbackReturn:
        try:
            step()
        except FerError as error:
            self._faults.current = f'cannot {transition}: {error}'
            self.get_logger().error(self.fault)
            result = TransitionCallbackReturn.FAILURE
        except Exception as error:
            missing = how_to_install(error) if isinstance(error, ImportError) else None
            self._faults.current = (
                f'cannot {transition}: {missing or f"{type(error).__name__}: {error}"}'
            )
            self.log_traceback(f'cannot {transition}')
            result = TransitionCallbackReturn.ERROR
        else:
            self.clear_fault()
            return TransitionCallbackReturn.SUCCESS
        if undo is not None:
            fault = self.fault
            self._attempt('undo a failed transition', undo, None)
            self._faults.current = fault
        return result

    def _answer_impossible_transitions(self) -> None:
        """Answer success: false for a transition that the state does not have.

        rclpy would raise in the callback of the service, which would end the process.
        """
        service = self._service_change_state
        change_state = service.callback

        def answer(request: Any, response: Any) -> Any:
            try:
                return change_state(request, response)
            except Exception as error:
                self.get_logger().warning(
                    f'transition {request.transition.label or request.transition.id} is not '
                    f'possible while {self.state_label}: {error}'
                )
                response.success = False
                return response

        service.callback = answer

    def is_configured(self) -> bool:
        """Return whether the node is configured: inactive, active, or between the two."""
        return self._state_machine.current_state[0] not in (
            State.PRIMARY_STATE_UNKNOWN,
            State.PRIMARY_STATE_UNCONFIGURED,
            State.PRIMARY_STATE_FINALIZED,
        )
