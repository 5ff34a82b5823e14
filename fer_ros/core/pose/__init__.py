"""Head poses from five landmarks, filtered over time."""
