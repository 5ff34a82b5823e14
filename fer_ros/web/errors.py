"""Why the web server cannot start. Imports none of its libraries."""

from fer_ros.core.errors import FerError


class WebError(FerError):
    """The web server cannot be started with these settings."""
