"""The bring-up table as a launch description. Needs launch and launch_ros; nothing else does."""

from __future__ import annotations

import os

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from fer_ros.ending import PARENT_VARIABLE
from fer_ros.ros.bringup import (
    BOOLEAN,
    RESPAWN_DELAY,
    Argument,
    NodeProcess,
    arguments_of,
    plan,
)


def launch_description(launch: str) -> LaunchDescription:
    """Return the description of a bring-up: its arguments, and nodes once these are known."""
    arguments = arguments_of(launch)

    def start(context: LaunchContext) -> list[LaunchDescriptionEntity]:
        given = {
            argument.name: LaunchConfiguration(argument.name).perform(context)
            for argument in arguments}
        return [_node(process) for process in plan(launch, given)]

    return LaunchDescription([
        *(
            DeclareLaunchArgument(
                argument.name, default_value=argument.default,
                choices=_choices(argument),
                description=argument.description)
            for argument in arguments),
        OpaqueFunction(function=start),
    ])


def _choices(argument: Argument) -> list[str] | None:
    """Return what launch may accept: '' is not given, and people write booleans as Python does."""
    if not argument.choices:
        return None
    capitals = [choice.capitalize() for choice in argument.choices if choice in BOOLEAN]
    return [*argument.choices, *capitals, '']


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
            }],
        remappings=list(process.remappings),
        arguments=list(process.arguments),
        ros_arguments=process.ros_arguments(),
        additional_env={**process.environment, PARENT_VARIABLE: str(os.getpid())},
        respawn=process.respawn,
        respawn_delay=RESPAWN_DELAY,
        output='screen',
        emulate_tty=True,
    )
