"""What comes of it: annotated pictures and videos, tables, charts, and their folder."""
