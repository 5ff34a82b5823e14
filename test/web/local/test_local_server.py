"""The server of a pipeline in this process."""

from __future__ import annotations

import pytest

pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')

from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.web.local import server
from fer_ros.web.local.controls import LocalSettings
from fer_ros.web.local.site import LocalSite
from fer_ros.web.services import Services
from fer_ros.web.serving.settings import WebSettings


def test_the_threads_for_files_end_if_the_application_cannot_be_created(monkeypatch):
    def fail(*_):
        raise RuntimeError('no application')

    closed = []
    monkeypatch.setattr(Services, 'close', lambda services: closed.append(services))
    monkeypatch.setattr(server, 'create_pages', lambda *_: None)
    monkeypatch.setattr(server, 'create_application', fail)
    site = LocalSite()
    controls = site.controls(LocalSettings('synthetic', PipelineConfig()))
    with (
        pytest.raises(RuntimeError, match='no application'),
        server.serving(site, controls, WebSettings()),
    ):
        pass
    assert len(closed) == 1
