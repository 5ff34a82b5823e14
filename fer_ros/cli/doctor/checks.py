"""All checks by name, in the order of the report."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from fer_ros.cli.doctor import machine, middleware, system
from fer_ros.cli.doctor.finding import Finding, Level
from fer_ros.cli.doctor.process import owner
from fer_ros.cli.doctor.snapshot import Snapshot
from fer_ros.core.missing import is_without_ros
from fer_ros.ros.base.peers import leave_out_unknown_peers


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line."""

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
        *middleware.check_peers(leave_out_unknown_peers()),
    ],
    'DDS profile': lambda options: middleware.check_profile(os.environ),
}

#: Checks of the machine that concern only ROS.
ROS_ONLY = ('cv_bridge', 'shared memory', 'discovery', 'DDS profile')

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
    """Run all checks and report each finding immediately."""
    without_ros = is_without_ros()
    for name, check in MACHINE.items():
        if without_ros and name in ROS_ONLY:
            continue
        for finding in check(options):
            report(name, finding)
    if without_ros:
        return
    reason = ''
    if machine.ros_fault():
        reason = 'needs ROS, which cannot be used: see above'
    elif middleware.has_wrong_domain(os.environ):
        # Fast DDS would end the process.
        reason = 'needs a node, which cannot start in this ROS domain: see discovery above'
    if reason:
        for name in SYSTEM:
            report(name, Finding(Level.SKIPPED, reason))
        return
    from fer_ros.cli.doctor.observe import observe

    seen = observe(options.seconds)
    for name, check_system in SYSTEM.items():
        for finding in check_system(seen):
            report(name, finding)
