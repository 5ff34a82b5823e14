"""doctor: `it runs and I see nothing`. Looks at everything between camera and robot program.

finding.py      what a check returns
catalogue.py    every warning and problem with its meaning and its remedy
packages.py     Python packages without which nothing else can be looked at
machine.py      camera, shared memory, cv_bridge, detectors, models: needs no ROS
middleware.py   what this shell tells ROS and Fast DDS
snapshot.py     what the running system looks like, as plain data
observe.py      takes the snapshot; the only part that needs ROS
system.py       judges the snapshot: nodes, topics, QoS, profiles, clocks, diagnostics
process.py      processes of this machine, by /proc
checks.py       the table of checks
command.py      the command
"""
