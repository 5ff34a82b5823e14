"""The routes of the HTTP API and of the WebSockets, by topic."""

from fer_ros.web.routes import controls, files, health, now, sockets

#: In the order of docs/openapi.json.
ROUTERS = (files.router, now.router, controls.router, health.router, sockets.router)
