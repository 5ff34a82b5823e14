"""Pictures and videos that people send, and the camera of their browser."""
