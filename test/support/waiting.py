"""How long tests wait for what will come."""

#: Seconds until a condition must hold: generous, since machines that test are busy. A test that
#: passes waits no longer than it takes.
PATIENCE = 180.0
