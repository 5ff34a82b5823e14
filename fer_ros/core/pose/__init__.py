"""Where heads are turned: pose from five landmarks, followed over time."""
