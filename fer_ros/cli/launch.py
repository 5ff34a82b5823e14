"""launch: start the nodes of a launch file if the package ros2launch is not installed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from fer_ros.cli.launch_arguments import add_arguments, help_text, read_arguments
from fer_ros.core.arguments import ArgumentParser
from fer_ros.core.ending import end_event
from fer_ros.ros.bringup.arguments import LAUNCHES, arguments_of
from fer_ros.ros.bringup.node_process import NodeProcess
from fer_ros.ros.bringup.processes import Processes
from fer_ros.ros.bringup.shared_memory import shared_memory_swept

#: Seconds between two checks of the processes.
CHECK_PERIOD = 0.1


def run(plan: Sequence[NodeProcess]) -> int:
    """Run processes until a signal arrives or all have ended. Return the exit code.

    It is 1 if a process failed and is not restarted, or did not end cleanly. If one cannot start,
    all end.
    """
    stopping = end_event()
    failed: dict[str, int] = {}
    with Processes(plan) as processes:
        while not stopping.wait(CHECK_PERIOD) and len(failed) < len(plan):
            for name, code in processes.start_dead_again():
                print(f'{name} ended with exit code {code} and is restarted', flush=True)
            for name, code in processes.dead():
                if name not in failed:
                    print(f'{name} ended with exit code {code}', flush=True)
                    failed[name] = code
            if any(process.ends_all(failed.get(process.executable, 0)) for process in plan):
                break
        codes = processes.stop()
    return 1 if any(codes.values()) else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the command line and start the processes."""
    parser = ArgumentParser(
        prog='launch',
        description=f'{__doc__} All output goes to the terminal. Press Ctrl-C to stop.',
        epilog='\n\n'.join(
            f'{name} starts {", ".join(nodes)}; {help_text(arguments_of(name))}'
            for name, (_, nodes) in LAUNCHES.items()
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('launch', choices=list(LAUNCHES), help='name of the launch file')
    add_arguments(parser)
    options = parser.parse_intermixed_args(argv)
    _, processes = read_arguments(parser, options.launch, options.arguments)
    with shared_memory_swept():
        return run(processes)
