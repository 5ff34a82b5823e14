"""What comes of it: annotated pictures and videos, tables, charts, and the folder they lie in."""
