"""doctor: checks everything between the camera and the robot program.

finding.py      the result of a check
catalogue.py    all warnings and problems, with meaning and remedy
packages.py     the required Python packages
machine.py      camera, shared memory, cv_bridge, detectors, models; without ROS
middleware.py   the environment that ROS and Fast DDS read
snapshot.py     the state of the running system, as plain data
observe.py      takes the snapshot; the only part that needs ROS
system.py       checks the snapshot: nodes, topics, QoS, profiles, clocks, diagnostics
process.py      processes of this machine, from /proc
checks.py       the table of checks
command.py      the command
"""
