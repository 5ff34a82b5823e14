"""Controls of a local pipeline over HTTP, within the permission of the operator."""

from __future__ import annotations

import re
import threading
from contextlib import ExitStack

import cv2
import numpy as np
import pytest
from support.site import TOKEN, start_site
from support.waiting import wait_for

from fer_ros.core.classification.config import ClassifierConfig
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.web.controls import Changes
from fer_ros.web.local.controls import LocalSettings
from fer_ros.web.local.site import LocalSite


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp('sources')
    for name in ('first', 'second'):
        cv2.imwrite(str(folder / f'{name}.png'), np.full((120, 160, 3), 90, np.uint8))
    return folder


@pytest.fixture(scope='module')
def site(files):
    """A server whose pipeline reads a picture repeatedly."""
    config = PipelineConfig(
        DetectorConfig(detector='haar'), classifier=ClassifierConfig(model='tiny')
    )
    sources = [str(files / 'second.png'), str(files / 'missing.avi'), 'rtsp://me:secret@cam/1']
    local = LocalSite(sources=sources)
    controls = local.controls(LocalSettings(str(files / 'first.png'), config))
    with ExitStack() as stack:
        site = start_site(stack, controls=controls, pipeline_state=local.pipeline_state)
        stack.callback(controls.stop)
        controls.start()
        yield site


@pytest.fixture
def as_before(site, files):
    yield
    site.post('/camera', json={'on': True})
    usual = site.get('/controls').json()['state']['usual']
    site.post('/controls', json={**usual, 'source': 'first.png', 'model': 'tiny'})


def state(site) -> dict:
    return site.get('/controls').json()['state']


def runs(site, source: str) -> bool:
    return any(source in node.message for node in site.pipeline_state.nodes()) and (
        site.pipeline_state.situation().is_running
    )


def test_sources_are_named_without_folder_or_password(site):
    told = state(site)
    assert told['source'] == 'first.png'
    assert {'first.png', 'second.png', 'missing.avi', 'demo'} <= set(told['sources'])
    assert 'secret' not in str(told)
    assert {'default', 'tiny'} <= set(told['models'])
    assert 'gender' not in told['models'], 'it tells no expressions'
    assert told['detectors'][0] == 'auto'


def test_two_sources_with_one_file_name_have_different_names(files, tmp_path):
    (tmp_path / 'first.png').write_bytes((files / 'first.png').read_bytes())
    config = PipelineConfig(
        DetectorConfig(detector='haar'), classifier=ClassifierConfig(model='tiny')
    )
    settings = LocalSettings(str(files / 'first.png'), config)
    controls = LocalSite(sources=[str(tmp_path / 'first.png')]).controls(settings)
    controls.change(Changes(source='first.png (2)'))
    try:
        assert controls.state().source == 'first.png (2)'
    finally:
        controls.stop()


def test_another_source_runs_at_once(site, as_before):
    changed = site.post('/controls', json={'source': 'second.png'}).json()
    assert changed['state']['source'] == 'second.png'
    wait_for(lambda: runs(site, 'second.png'), 'the other picture')


@pytest.mark.parametrize(
    ('change', 'reason'),
    [
        ({'source': '/etc/passwd'}, 'is not allowed: choose one of'),
        ({'source': 'missing.avi'}, 'there is no file'),
        ({'model': '../../etc'}, 'there is no model'),
        ({'model': 'gender'}, 'there is no model'),
        ({'detector': 'none'}, 'there is no detector'),
    ],
)
def test_a_refused_change_gives_the_reason_and_changes_nothing(site, change, reason):
    before = state(site)
    refused = site.post('/controls', json=change)
    assert refused.status_code == 409
    assert reason in refused.json()['detail']
    assert state(site) == before
    wait_for(lambda: runs(site, 'first.png'), 'the picture of before')
    threads = [thread.name for thread in threading.enumerate()]
    assert threads.count('pipeline') == 1, 'the refused pipeline has ended'


def test_if_the_previous_source_is_gone_too_both_reasons_are_given(site, files, as_before):
    first = files / 'first.png'
    content = first.read_bytes()
    first.unlink()
    (files / 'missing.avi').write_bytes(b'no video')
    try:
        refused = site.post('/controls', json={'source': 'missing.avi'})
        assert refused.status_code == 409
        assert re.search(r'missing\.avi.*; the previous source failed, too: .*first\.png',
                         refused.json()['detail'])  # fmt: skip
        assert not state(site)['camera_on']
    finally:
        (files / 'missing.avi').unlink()
        first.write_bytes(content)


@pytest.mark.parametrize(
    'body', [{'time_constant': 0}, {'uncertain_threshold': 2}, {'unknown': 1}, [1], 'x']
)
def test_values_out_of_range_and_unknown_ones_are_refused(site, body):
    assert site.post('/controls', json=body).status_code == 422
    assert site.post('/camera', json={'on': 'perhaps'}).status_code == 422


def test_sensitivity_changes_at_once_and_can_be_reset(site, as_before):
    changed = site.post('/controls', json={'time_constant': 1.5, 'uncertain_threshold': 0.7})
    assert changed.json()['state']['sensitivity'] == {
        'time_constant': 1.5,
        'hold': 0.25,
        'uncertain_threshold': 0.7,
    }
    usual = changed.json()['state']['usual']
    assert site.post('/controls', json=usual).json()['state']['sensitivity'] == usual


def test_results_name_another_model_after_a_change(site, as_before):
    assert site.post('/controls', json={'model': 'default'}).is_success
    wait_for(
        lambda: (site.pipeline_state.model() or [''])[0] == 'default', 'results of the other model'
    )


def test_the_camera_is_released_and_opened_again(site, as_before):
    told = site.post('/camera', json={'on': False}).json()
    assert told['state']['camera_on'] is False
    wait_for(lambda: site.get('/faces').json()['state'] == 'off', 'off')
    assert site.get('/faces').json()['text'] == 'the camera is off'
    assert site.post('/controls', json={'detector': 'haar'}).is_success
    assert site.get('/faces').json()['state'] == 'off', 'no change turns it on'
    assert site.post('/camera', json={'on': True}).json()['state']['camera_on'] is True
    wait_for(lambda: runs(site, 'first.png'), 'pictures again')


def test_without_permission_nothing_can_be_changed(serve):
    site = serve()
    told = site.get('/controls').json()
    assert (told['enabled'], told['state']) == (False, None)
    for path, body in (('/controls', {'source': 'demo'}), ('/camera', {'on': False})):
        refused = site.post(path, json=body)
        assert refused.status_code == 403
        assert 'the operator does not allow changes' in refused.json()['detail']


def test_changes_need_the_token_and_a_page_of_this_server(serve, site):
    locked = serve(token=TOKEN)
    assert locked.get('/controls').status_code == 401
    assert locked.post('/controls', json={'source': 'demo'}).status_code == 401
    assert locked.post('/camera', json={'on': False}).status_code == 401
    elsewhere = {'origin': 'http://elsewhere.test'}
    assert site.post('/camera', json={'on': False}, headers=elsewhere).status_code == 403
    assert site.post('/controls', json={'source': 'demo'}, headers=elsewhere).status_code == 403
    # As a form on a page of another server could send it, without an origin.
    form = site.post('/camera', content='{"on": false}', headers={'content-type': 'text/plain'})
    assert form.status_code == 422
