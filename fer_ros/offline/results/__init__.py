"""The results: annotated pictures and videos, tables, charts, and their folder."""
