"""The HTTP API as programs use it."""

from __future__ import annotations

import csv
import time
from dataclasses import replace

import cv2
import httpx
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.nodes import NAMES, emotion_set, face_emotion
from support.photographs import corners, encode
from support.site import TOKEN
from support.waiting import PATIENCE
from websockets.exceptions import InvalidStatus

from fer_ros.core.models import ModelStore
from fer_ros.core.types import (
    AttentionEvent,
    AttentionType,
    Box,
    EventType,
    ExpressionEvent,
    Position,
)
from fer_ros.web.state.health import Level, NodeHealth


@pytest.fixture(scope='module')
def site(serve):
    return serve()


@pytest.fixture(autouse=True)
def fresh_state(site, request):
    """Discard what an earlier test sent."""
    # Its clock is stopped. Otherwise, results could be old before the answer on a busy machine.
    site.pipeline_state.__init__('here', lambda: 1000.0)


def event(kind: EventType = EventType.CHANGED) -> ExpressionEvent:
    return ExpressionEvent(
        kind, 1_500_000_000, 'eye', 'f1', 'happy', 'sad', 0.8, 2.5, Box(1, 2, 3, 4)
    )


def test_a_picture_in_the_body_gives_its_faces(site, jpeg):
    answer = site.post('/classify', content=jpeg)
    assert answer.status_code == 200
    found = answer.json()
    assert (found['image_width'], found['image_height'], found['model']) == (160, 120, 'stub')
    assert abs(found['stamp'] - time.time()) < 600
    (face,) = found['faces']
    assert (face['label'], face['confidence']) == ('happy', 0.8)
    assert sum(face['probabilities'].values()) == pytest.approx(1, abs=1e-3)
    assert set(face['probabilities']) == set(NAMES)
    assert face['attributes'] == {'glasses': 0.75}, 'attributes appear where switched on'
    assert face['position'] is None


@pytest.mark.parametrize('suffix', ['.heic', '.avif', '.gif', '.webp', '.tiff'])
def test_every_supported_picture_format_is_accepted(site, suffix):
    answer = site.post('/classify', content=encode(suffix, corners(160, 120)))
    assert answer.status_code == 200, answer.text
    assert (answer.json()['image_width'], answer.json()['image_height']) == (160, 120)


@pytest.mark.parametrize('suffix', ['.gif', '.webp', '.png', '.avif'])
def test_an_animation_is_refused_with_the_remedy(site, suffix):
    answer = site.post('/classify', content=encode(suffix, corners(), 255 - corners()))
    assert answer.status_code == 422
    assert 'is animated (2 pictures)' in answer.json()['detail']


def test_data_after_a_picture_is_ignored(site, jpeg):
    assert site.post('/classify', content=jpeg + bytes(9000)).status_code == 200


def test_an_unsupported_format_is_named(site):
    answer = site.post('/classify', content=b'8BPS' + bytes(99))
    assert answer.status_code == 415
    assert answer.json()['detail'].startswith('Photoshop: send one of JPEG, PNG, WebP')


def test_a_form_with_the_field_image_gives_the_same(site, jpeg, png):
    by_body = site.post('/classify', content=png).json()['faces']
    for picture in (jpeg, png):
        by_form = site.post('/classify', files={'image': ('me.png', picture)})
        assert by_form.json()['faces'] == by_body


@pytest.mark.parametrize(
    ('path', 'accept'), [('/classify', 'image/png'), ('/classify?format=png', 'application/json')]
)
def test_a_request_for_png_returns_the_annotated_picture(site, jpeg, path, accept):
    answer = site.post(path, content=jpeg, headers={'accept': accept})
    assert answer.headers['content-type'] == 'image/png'
    image = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (120, 160, 3)
    plain = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(image.astype(int) - plain).max() > 50, 'something is drawn'


def test_the_format_of_the_address_has_precedence_over_the_accept_header(site, jpeg):
    answer = site.post('/classify?format=json', content=jpeg, headers={'accept': 'image/png'})
    assert answer.json()['faces']


def test_a_photograph_is_classified_by_the_real_models(serve, photographs):
    from fer_ros.core.detection.base import DetectorConfig
    from fer_ros.core.pipeline_builder import PipelineBuilder
    from fer_ros.core.pipeline_config import PipelineConfig

    config = PipelineConfig(DetectorConfig(detector='retinaface'), attribute_models=('gender',))
    site = serve(PipelineBuilder(config).picture_classifier)
    answer = site.post('/classify', content=(photographs / 'astronaut.png').read_bytes())
    if answer.status_code == 503:
        pytest.skip(answer.json()['detail'])
    (face,) = answer.json()['faces']
    assert face['label'] == 'happy'
    assert set(face['attributes']) == {'gender.woman', 'gender.man'}
    assert face['looks'] is True, 'by a camera with the usual field of view'
    assert abs(face['head']['yaw']) < 30
    assert face['position']['z'] > 0


def test_current_faces_are_those_of_the_newest_frame(site):
    assert site.get('/faces').json() == {
        'state': 'starting',
        'text': 'waiting for the pipeline',
        'result': None,
    }
    site.pipeline_state.take_emotions(
        emotion_set(
            2_000_000_000, face_emotion('f1', 'sad', position=Position(0.1, 0.2, 0.9, 0.1))
        )
    )
    now = site.get('/faces').json()
    assert now['state'] == 'watching'
    assert now['result']['stamp'] == 2.0
    assert now['result']['faces'][0]['position'] == {'x': 0.1, 'y': 0.2, 'z': 0.9}


def test_the_latest_events_can_be_requested(site):
    for kind in (EventType.APPEARED, EventType.CHANGED, EventType.LEFT):
        site.pipeline_state.take_event(event(kind))
    assert [e['type'] for e in site.get('/events').json()] == ['appeared', 'changed', 'left']
    (last,) = site.get('/events?after=2').json()
    assert (last['number'], last['face_id'], last['duration'], last['stamp']) == (
        3,
        'f1',
        2.5,
        1.5,
    )


def test_events_name_the_face_that_turned_to_the_robot(site):
    box = Box(1, 2, 3, 4)
    for kind, seconds in ((AttentionType.LOOKS, 0.0), (AttentionType.LOOKS_AWAY, 1.5)):
        site.pipeline_state.take_event(
            AttentionEvent(kind, 1, 'eye', 'f1', 0.912345, seconds, box)
        )
    looks, away = site.get('/events').json()
    assert (looks['type'], looks['label'], looks['previous_label']) == ('looks', '', '')
    assert (looks['confidence'], looks['box']['width']) == (0.9123, 3)
    assert (away['type'], away['duration']) == ('looks_away', 1.5)
    rows = list(csv.DictReader(site.get('/events?format=csv').text.splitlines()))
    assert [(row['type'], row['person']) for row in rows] == [('looks', '1'), ('looks_away', '1')]


def test_health_reports_whether_results_arrive(site):
    assert site.get('/healthz').json()['status'] == 'waiting'
    site.pipeline_state.take_emotions(emotion_set(1))
    assert site.get('/healthz').json() == {
        'status': 'ok',
        'state': 'searching',
        'text': 'searching for a face',
        'detail': '',
    }


def test_metrics_have_the_format_of_prometheus(site):
    site.pipeline_state.take_emotions(emotion_set(1, face_emotion()), 0.02)
    site.pipeline_state.take_event(event())
    name = 'a "node" \\ with\nan odd name'
    site.pipeline_state.take_health(
        NodeHealth(name, 'here', Level.OK, '', site.pipeline_state.clock(), 29.5, 0.01, 7)
    )
    text = site.get('/metrics').text
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found['fer_results_total',] == 1
    assert found['fer_events_total',] == 1
    assert found['fer_faces',] == 1
    assert found['fer_latency_seconds',] == 0.02
    assert found['fer_state', 'watching'] == 1
    assert found['fer_state', 'stopped'] == 0
    assert found['fer_node_dropped_frames_total', name] == 7


@pytest.mark.parametrize(
    ('method', 'path', 'allowed'),
    [('GET', '/classify', 'POST'), ('POST', '/faces', 'GET'), ('DELETE', '/healthz', 'GET')],
)
def test_a_wrong_method_is_answered_with_the_right_one(site, method, path, allowed):
    refused = httpx.request(method, site.url + path, timeout=PATIENCE)
    assert refused.status_code == 405
    assert refused.headers['allow'] == allowed
    assert refused.json()['detail'] == f'{method} is not allowed for this address: use {allowed}'


@pytest.mark.parametrize(
    ('path', 'text'),
    [
        ('/events?afer=3', '/events has no argument afer: its arguments are after, format'),
        ('/faces?x=s3cret&y', '/faces has no argument x, y: it has no arguments'),
        ('/healthz?format=json', '/healthz has no argument format: it has no arguments'),
        ('/docs?theme=dark', '/docs has no argument theme: it has no arguments'),
        ('/events?after=3&after=4', '/events: after is given twice: give it once'),
    ],
)
def test_an_unknown_or_repeated_argument_is_refused_with_the_reason(site, path, text):
    refused = site.get(path)
    assert refused.status_code == 400
    assert refused.json()['detail'] == text
    assert site.get('/events?after=3').is_success


def test_an_unknown_argument_of_an_upload_or_a_socket_is_refused(site, jpeg):
    refused = site.post('/classify?fromat=png', content=jpeg)
    assert refused.status_code == 400
    assert 'its arguments are format' in refused.json()['detail']
    with pytest.raises(InvalidStatus), site.socket('/events?after=3&x=1'):
        pass


def test_a_wrong_value_is_named_and_not_repeated(site):
    refused = site.get('/events?after=s3cret')
    assert refused.status_code == 422
    assert 'after' in refused.json()['detail']
    assert 's3cret' not in refused.text


def test_a_time_that_is_not_a_number_is_refused(site):
    """Nothing is later than nan, so the answer would be empty."""
    assert site.get('/history?after=nan').status_code == 422


def test_an_annotated_picture_is_not_requested_in_two_ways(site, jpeg):
    refused = site.post('/classify?format=png&annotated=jpeg', content=jpeg)
    assert refused.status_code == 400
    assert 'use one of the two' in refused.json()['detail']


APPLICATION = 'http://shop.example:3000'


def asked_by(site, origin: str, jpeg: bytes) -> list[httpx.Response]:
    """Send requests as a browser does for a page of another server: preflight first, then two."""
    headers = {'origin': origin, 'sec-fetch-site': 'cross-site'}
    may = {
        **headers,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
    }
    return [
        httpx.options(f'{site.url}/classify', headers=may, timeout=PATIENCE),
        site.get('/faces', headers={**headers, 'authorization': f'Bearer {TOKEN}'}),
        site.post(
            '/classify',
            content=jpeg,
            headers={**headers, 'authorization': f'Bearer {TOKEN}', 'content-type': 'image/jpeg'},
        ),
    ]


def test_a_listed_origin_can_send_requests(serve, jpeg):
    site = serve(token=TOKEN, cors_origins=(APPLICATION,))
    may, got, sent = asked_by(site, APPLICATION, jpeg)
    assert (may.status_code, got.status_code, sent.status_code) == (200, 200, 200)
    for answer in (may, got, sent):
        assert answer.headers['access-control-allow-origin'] == APPLICATION
        assert 'access-control-allow-credentials' not in answer.headers
    with site.socket(
        '/events', origin=APPLICATION, additional_headers={'authorization': f'Bearer {TOKEN}'}
    ):
        pass
    assert site.get('/faces', headers={'origin': APPLICATION}).status_code == 401


def test_other_origins_are_refused_and_none_is_allowed_by_default(serve, jpeg):
    for named, origin in (((APPLICATION,), 'http://evil.example'), ((), APPLICATION)):
        site = serve(token=TOKEN, cors_origins=named)
        may, got, sent = asked_by(site, origin, jpeg)
        assert not may.is_success
        assert sent.status_code == 403
        for answer in (may, got, sent):
            assert 'access-control-allow-origin' not in answer.headers


def test_the_description_names_every_path_and_its_errors(site):
    described = site.get('/openapi.json').json()
    assert set(described['paths']) == {
        '/classify',
        '/faces',
        '/events',
        '/model',
        '/videos',
        '/controls',
        '/history',
        '/camera',
        '/healthz',
        '/metrics',
    }
    classify = described['paths']['/classify']['post']
    assert set(classify['requestBody']['content']) == {'multipart/form-data', 'image/*'}
    assert {'200', '400', '408', '413', '415', '422', '503'} <= set(classify['responses'])


def test_the_api_page_is_served_without_other_servers(site):
    page = site.get('/docs').text
    assert '://' not in page
    for path in (
        '/swagger/swagger-ui-bundle.js',
        '/swagger/swagger-ui.css',
        '/static/docs.js',
        '/static/docs.css',
        '/static/icon.svg',
    ):
        assert path in page
        assert site.get(path).is_success


@pytest.mark.parametrize('path', ['/faces', '/docs', '/nowhere', '/static/theme.css'])
def test_every_answer_has_the_security_headers(site, path):
    headers = site.get(path).headers
    assert headers['x-content-type-options'] == 'nosniff'
    assert headers['x-frame-options'] == 'DENY'
    assert headers['referrer-policy'] == 'same-origin'
    policy = headers['content-security-policy']
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert 'unsafe-eval' not in policy
    assert 'http' not in policy, 'nothing from elsewhere'
    assert 'server' not in headers


def test_the_current_model_is_described_with_its_limits(serve):
    site = serve()
    assert site.get('/model').status_code == 404, 'no results came yet'
    card = ModelStore().load_card('default')
    hashes = {'default': card.files['onnx'].sha256, 'another': 'hash'}
    used = replace(emotion_set(1), model_name='default', model_hash=hashes['default'])
    site.pipeline_state.take_emotions(used)
    told = site.get('/model').json()
    assert (told['name'], told['limits']) == ('default', card.limits)
    assert told['labels'] == list(card.labels)
    assert 0 < told['accuracy'] < 1
    site.pipeline_state.take_emotions(replace(used, model_hash='of another file'))
    refused = site.get('/model')
    assert refused.status_code == 404
    assert 'differs from the current model' in refused.json()['detail']


def test_the_history_gives_labels_over_time_and_later_only_new_ones(site):
    site.pipeline_state.take_emotions(emotion_set(1, face_emotion('f1', 'happy')))
    told = site.get('/history').json()
    (person,) = told['people']
    assert (person['person'], person['face_id'], person['in_view']) == (1, 'f1', True)
    assert [segment['label'] for segment in person['segments']] == ['happy']
    assert person['samples'][0][1:] == [3, 3, 3, 80, 3, 3, 3]
    assert told['now'] == pytest.approx(time.time(), abs=30)
    assert told['span'] == 600
    # The wall clock is read for each answer, so the end of a segment moves by microseconds.
    later = site.get('/history', params={'after': told['now'] + 0.01}).json()
    assert later['people'] == []
    site.pipeline_state.clock = lambda: 1000.1
    site.pipeline_state.take_emotions(emotion_set(2, face_emotion('f1', 'sad')))
    (person,) = site.get('/history', params={'after': told['now']}).json()['people']
    assert person['segments'][-1]['label'] == 'sad'


def test_events_are_available_as_a_table(site):
    site.pipeline_state.take_event(event())
    answer = site.get('/events', params={'format': 'csv'})
    assert answer.headers['content-type'].startswith('text/csv')
    head, row = answer.text.splitlines()
    assert head == ('number,type,face_id,person,label,previous_label,confidence,duration,stamp')
    assert row == '1,changed,f1,1,happy,sad,0.8,2.5,1.5'


def test_a_picture_that_is_too_wide_for_a_jpeg_is_refused_with_a_remedy(site):
    wide = cv2.imencode('.png', np.full((2, 66_000, 3), 90, np.uint8))[1].tobytes()
    answer = site.post('/classify?annotated=jpeg', content=wide)
    assert answer.status_code == 422
    assert 'use .png' in answer.json()['detail']
    assert site.post('/classify?annotated=png', content=wide).json()['annotated']
