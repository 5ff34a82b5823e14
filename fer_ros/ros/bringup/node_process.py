"""One process of a bring-up, and the command that starts it without ROS's launch."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fer_ros.core.redaction import redact_address
from fer_ros.ros.bringup.arguments import RECORD, Value

#: Exit code of a node that cannot start because its parameters are wrong.
CANNOT_START = 1
#: Seconds until a node that died is started again.
RESPAWN_DELAY = 1.0

PACKAGE = 'fer_ros'


@dataclass(frozen=True, slots=True)
class NodeProcess:
    """One process to start.

    Attributes:
        executable: Name of the executable, as in fer_ros/executables.py.
        parameters: Values that override params_files.
        package: Package of the executable: fer_ros or another.
        remappings: New names by relative names.
        arguments: Arguments of the command line, before --ros-args.
        environment: Variables in addition to those of the caller.
        enclave: Security identity. '' without DDS security.
    """

    executable: str
    namespace: str
    params_files: tuple[Path, ...]
    parameters: Mapping[str, Value]
    remappings: tuple[tuple[str, str], ...]
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    log_level: str
    respawn: bool
    package: str = PACKAGE
    enclave: str = ''

    def ends_all(self, exit_code: int) -> bool:
        """Return whether the bring-up ends because this process ended with that code.

        If a node cannot start, the launch is not what you requested. A recording that ends early,
        or a node that dies later, does not end the others.
        """
        is_node = self.package == PACKAGE and self.executable != RECORD
        return is_node and not self.respawn and exit_code == CANNOT_START

    def command(self, private_file: str = '') -> list[str]:
        """Return the command line that starts the process without ROS's launch.

        Args:
            private_file: A parameter file with private_parameters(). They are not on the command
                line, because every user of the machine can read it.
        """
        start = [sys.executable, '-m', 'fer_ros'] if self.package == PACKAGE else []
        command = [*start, self.executable, *self.arguments, '--ros-args']
        if self.namespace:
            command += ['-r', f'__ns:=/{self.namespace.strip("/")}']
        for name, new_name in self.remappings:
            command += ['-r', f'{name}:={new_name}']
        for file in self.params_files:
            command += ['--params-file', str(file)]
        if private_file:
            command += ['--params-file', private_file]
        for name, value in self.parameters.items():
            if private_file and _is_private(value):
                continue
            command += ['-p', f'{name}:={_yaml(value)}']
        return [*command, *self.ros_arguments()]

    def private_parameters(self) -> str:
        """Return a parameter file of the parameters that contain a password, '' for none."""
        private = {name: value for name, value in self.parameters.items() if _is_private(value)}
        return _yaml({'/**': {'ros__parameters': private}}) if private else ''

    def ros_arguments(self) -> list[str]:
        """Return the arguments after --ros-args, without names and parameters."""
        enclave = ['--enclave', self.enclave] if self.enclave else []
        return ['--log-level', self.log_level, *enclave]


def _yaml(value: Value | Mapping[str, object]) -> str:
    """Return a value as YAML for ROS.

    It is JSON, which keeps the text '0' apart from the number 0, with the escapes of YAML, because
    JSON escapes an emoji as two characters that ROS refuses.
    """
    text = json.dumps(value, ensure_ascii=False)
    return ''.join(c if c.isprintable() else f'\\U{ord(c):08x}' for c in text)


def _is_private(value: Value) -> bool:
    return isinstance(value, str) and redact_address(value) != value
