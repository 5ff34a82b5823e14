"""How fast fer_ros is, measured; `python -m benchmark --help` shows how."""
