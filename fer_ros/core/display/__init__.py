"""Results drawn onto the pictures that people see."""
