"""Objects that FastAPI passes to the routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from fer_ros.web.services import Services


# async, because FastAPI calls other functions on a thread.
async def _services(connection: HTTPConnection) -> Services:
    """Return the services of the application."""
    services: Services = connection.app.state.services
    return services


#: Type of the argument of a route that uses the services.
ServicesDependency = Annotated[Services, Depends(_services)]
