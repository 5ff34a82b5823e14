"""Small robot programs to start from: `ros2 run fer_ros greet`, `... look_at_who_looks`."""
