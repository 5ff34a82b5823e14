"""Dashboard and HTTP API of a pipeline in this process. Needs the libraries of the web server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.offline.results.records import ID_PREFIX
from fer_ros.web.application import create_application
from fer_ros.web.files.browser_camera import CameraService
from fer_ros.web.files.uploads import PictureService
from fer_ros.web.files.videos import VideoService
from fer_ros.web.local.controls import LocalControls
from fer_ros.web.local.site import LocalSite
from fer_ros.web.pages.routing import create_pages
from fer_ros.web.services import Services
from fer_ros.web.serving.server import WebServer
from fer_ros.web.serving.settings import WebSettings


@contextmanager
def serving(
    site: LocalSite, controls: LocalControls, settings: WebSettings
) -> Iterator[WebServer]:
    """Serve while the `with` block lasts.

    Args:
        site: What the pages show.
        controls: The pipeline. Files and cameras of clients use a separate detector and separate
            models, because those of the pipeline belong to its thread.
        settings: The address to listen on, and the access rules.

    Raises:
        WebError: The server cannot listen on the address.
    """

    def builder() -> PipelineBuilder:
        return PipelineBuilder(controls.settings.config)

    with ExitStack() as stack:
        services = Services(
            site.pipeline_state,
            site.stream,
            PictureService(lambda: builder().picture_classifier()),
            VideoService(lambda: builder().pipeline(ID_PREFIX)),
            controls.models,
            controls if site.changeable else None,
            None if site.privacy else CameraService(lambda: builder().pipeline()),
        )
        stack.callback(services.close)
        pages = create_pages(site.pipeline_state, site.stream, site.privacy)
        application = create_application(services, settings, pages)
        server = stack.enter_context(WebServer(application, settings))
        # The files of clients first, so that the server can end.
        stack.callback(services.close)
        yield server
