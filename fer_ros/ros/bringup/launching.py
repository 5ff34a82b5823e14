"""Launch descriptions from the table of arguments. Only this module needs launch and
launch_ros."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

import launch.logging
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.events.process import ProcessExited
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from fer_ros.core.ending import PARENT_VARIABLE
from fer_ros.core.suggestion import suggestion
from fer_ros.ros.bringup.arguments import BOOLEAN, Argument, arguments_of
from fer_ros.ros.bringup.node_process import RESPAWN_DELAY, NodeProcess
from fer_ros.ros.bringup.plan import check_files, plan


def launch_description(name: str) -> LaunchDescription:
    """Return the launch description: its arguments, and its nodes when the values are known."""
    arguments = arguments_of(name)

    def start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
        given = {
            argument.name: LaunchConfiguration(argument.name).perform(context)
            for argument in arguments
        }
        processes = plan(name, given)
        logger = launch.logging.get_logger('fer_ros')
        for line in (*check_files(given), *_unread(name, context.argv)):
            logger.warning(line)
        return [_node(process) for process in processes]

    return LaunchDescription(
        [
            *(
                DeclareLaunchArgument(
                    argument.name,
                    default_value=argument.default,
                    choices=_choices(argument),
                    description=argument.description,
                )
                for argument in arguments
            ),
            OpaqueFunction(function=start),
        ]
    )


def _choices(argument: Argument) -> list[str] | None:
    """Return the choices for launch: '' means not given, and people write booleans like Python."""
    if not argument.choices:
        return None
    capitals = [choice.capitalize() for choice in argument.choices if choice in BOOLEAN]
    return [*argument.choices, *capitals, '']


def _unread(name: str, given: Sequence[str]) -> list[str]:
    """Return a line for each argument of ros2 launch that is not used.

    Args:
        given: All of its arguments. Those of a launch file that includes this one are not known
            here.
    """
    if not any(text.endswith(f'{name}.launch.py') for text in sys.argv):
        return []
    known = [argument.name for argument in arguments_of(name)]
    names = [text.partition(':=')[0] for text in given if ':=' in text]
    return [
        *(
            f'{name} has no argument {given}, so it is not read: its arguments are '
            f'{", ".join(known)}{suggestion(given, known)}'
            for given in names
            if given not in known
        ),
        *(
            f'{given} is given twice, and the last value is used'
            for given in dict.fromkeys(names)
            if names.count(given) > 1
        ),
    ]


def _when_it_ends(process: NodeProcess) -> Callable[[ProcessExited, LaunchContext], None]:
    """Return a handler that ends the launch with exit code 1 if the process could not start."""

    def check(event: ProcessExited, context: LaunchContext) -> None:
        if process.ends_all(event.returncode):
            raise RuntimeError(
                f'{process.executable} could not start: the reason is in its output above'
            )

    return check


def _node(process: NodeProcess) -> Node:
    return Node(
        package=process.package,
        executable=process.executable,
        namespace=process.namespace or None,
        parameters=[
            *(str(file) for file in process.params_files),
            {
                name: ParameterValue(value, value_type=type(value))
                for name, value in process.parameters.items()
            },
        ],
        remappings=list(process.remappings),
        arguments=list(process.arguments),
        ros_arguments=process.ros_arguments(),
        additional_env={**process.environment, PARENT_VARIABLE: str(os.getpid())},
        respawn=process.respawn,
        respawn_delay=RESPAWN_DELAY,
        on_exit=_when_it_ends(process),
        output='screen',
        emulate_tty=True,
    )
