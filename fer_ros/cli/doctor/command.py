"""doctor: look at everything between camera and robot program, and say what to do.

Without ROS, what needs it is skipped. The exit code is 1 when there is a problem, else 0.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fer_ros.cli.doctor import machine, middleware, system
from fer_ros.cli.doctor.finding import Finding, Level
from fer_ros.cli.doctor.process import owner
from fer_ros.cli.doctor.snapshot import Snapshot
from fer_ros.core.arguments import ArgumentParser
from fer_ros.core.models import DEFAULT_MODEL
from fer_ros.ros.peers import leave_out_unknown_peers

#: Columns of a line of the report.
WIDTH = 99


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    camera: str
    model: str
    model_folders: tuple[str, ...]
    seconds: float


#: Checks of the machine by name, in the order of the report.
MACHINE: dict[str, Callable[[Options], list[Finding]]] = {
    'ROS': lambda options: machine.check_ros(),
    'camera': lambda options: machine.check_cameras(options.camera),
    'models': lambda options: machine.check_models(options.model, options.model_folders),
    'detectors': lambda options: machine.check_detectors(options.model_folders),
    'cv_bridge': lambda options: machine.check_cv_bridge(),
    'shared memory': lambda options: machine.check_shared_memory(),
    'discovery': lambda options: [
        *middleware.check_discovery(os.environ),
        *middleware.check_peers(leave_out_unknown_peers())],
    'DDS profile': lambda options: middleware.check_profile(os.environ),
}

#: Checks of the running system by name.
SYSTEM: dict[str, Callable[[Snapshot], list[Finding]]] = {
    'nodes': system.check_nodes,
    'topics': system.check_topics,
    'QoS': system.check_qos,
    'images': lambda seen: system.check_images(seen, owner, machine.cv_bridge_fault),
    'clocks': system.check_clocks,
    'diagnostics': system.check_diagnostics,
}


def examine(options: Options, report: Callable[[str, Finding], None]) -> None:
    """Run all checks and report what each finds as soon as it is known."""
    for name, check in MACHINE.items():
        for finding in check(options):
            report(name, finding)
    if machine.ros_fault():
        for name in SYSTEM:
            report(name, Finding(Level.SKIPPED, 'needs ROS, which cannot be used: see above'))
        return
    from fer_ros.cli.doctor.observe import observe

    seen = observe(options.seconds)
    for name, judge in SYSTEM.items():
        for finding in judge(seen):
            report(name, finding)


def lines(name: str, finding: Finding) -> list[str]:
    """Return a finding as it is printed."""
    indent = ' ' * 25
    printed = textwrap.wrap(
        finding.text, WIDTH, initial_indent=f'{finding.level.value:9} {name:14} ',
        subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    for word, text in (('means', finding.meaning), ('do', finding.remedy)):
        if text:
            printed += textwrap.wrap(
                text, WIDTH, initial_indent=f'{indent}{word}: ',
                subsequent_indent=f'{indent}{" " * len(word)}  ', break_long_words=False,
                break_on_hyphens=False)
    return printed


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, examine, and print."""
    parser = ArgumentParser(prog='doctor', description=__doc__)
    parser.add_argument('--camera', default='', metavar='DEVICE',
                        help='camera to try, such as 0 or /dev/video0 (default: all there are)')
    parser.add_argument('--model', default=DEFAULT_MODEL,
                        help='model by name or folder (default: %(default)s)')
    parser.add_argument('--model-folder', action='append', default=[], metavar='FOLDER',
                        help='folder searched for models first; may be repeated')
    parser.add_argument('--seconds', type=float, default=4.0,
                        help='how long to listen to topics (default: %(default)s)')
    parser.add_argument('-q', '--quiet', action='store_true',
                        help='leave out what is as it should be')
    options = parser.parse_args(arguments)
    counts = dict.fromkeys(Level, 0)

    def report(name: str, finding: Finding) -> None:
        counts[finding.level] += 1
        if not (options.quiet and finding.level is Level.OK):
            print('\n'.join(lines(name, finding)), flush=True)

    examine(
        Options(options.camera, options.model, tuple(options.model_folder), options.seconds),
        report)
    print(f'problems: {counts[Level.PROBLEM]}, warnings: {counts[Level.WARNING]}, '
          f'skipped: {counts[Level.SKIPPED]}')
    return 1 if counts[Level.PROBLEM] else 0
