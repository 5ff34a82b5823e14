"""Speed measurements of fer_ros. `python -m benchmark --help` lists the options."""
