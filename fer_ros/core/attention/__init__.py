"""Whether heads are turned to the robot: probability, events, engagement."""
