"""The state of the pipeline that the server shows: results, health, people, time line."""
