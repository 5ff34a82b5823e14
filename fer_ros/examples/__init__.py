"""Example robot programs: `ros2 run fer_ros greet`, `ros2 run fer_ros look_at_who_looks`."""
