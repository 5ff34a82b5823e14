"""Hostile clients: each gets the right answer, and the server continues."""

from __future__ import annotations

import socket
import struct
import threading
import time
import zlib
from contextlib import ExitStack, closing

import pytest
from support.promises import ON_TIME
from support.site import TOKEN
from support.waiting import PATIENCE, wait_for
from websockets.exceptions import InvalidStatus

MAX_UPLOAD = 200_000


@pytest.fixture(scope='module')
def site(serve):
    """A server with short timeouts."""
    return serve(
        max_upload=MAX_UPLOAD, max_connections=12, header_time=0.5, body_time=0.5, write_time=0.5
    )


@pytest.fixture(scope='module')
def locked(serve):
    return serve(token=TOKEN)


@pytest.fixture(autouse=True)
def server_lives_on(request):
    yield
    for name in {'site', 'locked'} & set(request.fixturenames):
        server = request.getfixturevalue(name)
        wait_for(server.lives, 'answer of the server')


def talk(site, data: bytes = b'') -> socket.socket:
    """Return a connection on which some bytes were sent."""
    connection = socket.create_connection(('127.0.0.1', site.port), timeout=PATIENCE)
    connection.sendall(data)
    return connection


def answer(connection: socket.socket) -> bytes:
    """Return all that comes until the server closes."""
    received = b''
    with closing(connection):
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
    return received


def head(site, method: str = 'POST', path: str = '/classify', **headers: object) -> bytes:
    lines = [
        f'{method} {path} HTTP/1.1',
        f'host: 127.0.0.1:{site.port}',
        *(f'{name.replace("_", "-")}: {value}' for name, value in headers.items()),
    ]
    return '\r\n'.join([*lines, '', '']).encode()


def png_header(width: int, height: int) -> bytes:
    """Return a PNG whose header claims a size, with hardly any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack('>I', len(data)) + checked + struct.pack('>I', zlib.crc32(checked))

    size = chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b'IDAT', zlib.compress(b'\0' * 100_000, 9))
    return b'\x89PNG\r\n\x1a\n' + size + pixels + chunk(b'IEND', b'')


# Uploads.


def test_an_announced_body_over_the_limit_is_refused_before_it_is_read(site):
    connection = talk(site, head(site, content_length=10_000_000_000))
    assert answer(connection).startswith(b'HTTP/1.1 413')


def test_an_unannounced_body_over_the_limit_is_refused(site):
    connection = talk(site, head(site, transfer_encoding='chunked'))
    piece = b'x' * 50_000
    chunk = b'%x\r\n%s\r\n' % (len(piece), piece)
    try:
        for _ in range(20):
            connection.sendall(chunk)
    except OSError:
        pass  # It may be closed before all is sent.
    received = answer(connection)
    assert received.startswith(b'HTTP/1.1 413') or received == b''


@pytest.mark.parametrize('suffix', ['jpeg', 'png'])
def test_a_truncated_picture_is_refused(site, suffix, request):
    picture = request.getfixturevalue(suffix)
    refused = site.post('/classify', content=picture[:-30])
    assert refused.status_code == 422
    assert 'truncated' in refused.json()['detail']


@pytest.mark.parametrize(
    'data',
    [
        b'',
        b'<svg onload="alert(1)"/>',
        b'\x80\x04cos\n',
        b'BM' + b'\xff' * 100,
        'héllo'.encode('utf-16'),
    ],
)
def test_other_data_is_refused(site, data):
    assert site.post('/classify', content=data).status_code == 415
    form = site.post('/classify', files={'image': ('photo.jpg', data)})
    assert form.status_code == 415


@pytest.mark.parametrize(
    'data',
    [
        b'\xff\xd8\xff' + b'\xd9',
        b'\xff\xd8\xff\xe0\xff\xff' + b'\0' * 99 + b'\xff\xd9',
        b'\x89PNG\r\n\x1a\n' + b'IEND\xaeB`\x82',
        b'GIF89a' + b'\0' * 50,
        b'RIFF\0\0\0\0WEBP',
    ],
)
def test_a_picture_with_only_a_correct_header_is_refused(site, data):
    assert site.post('/classify', content=data).status_code == 422


def test_a_decompression_bomb_is_refused_by_its_header(site):
    """A picture of 60 gigabytes in less than a kilobyte."""
    bomb = png_header(100_000, 200_000)
    assert len(bomb) < 1000
    refused = site.post('/classify', content=bomb)
    assert refused.status_code == 413
    assert '100000x200000' in refused.json()['detail']


def test_a_jpeg_bomb_is_refused_by_its_header(site, jpeg):
    at = jpeg.index(b'\xff\xc0') + 5
    bomb = jpeg[:at] + struct.pack('>HH', 60_000, 60_000) + jpeg[at + 4 :]
    assert site.post('/classify', content=bomb).status_code == 413


@pytest.mark.parametrize(
    ('content_type', 'part'),
    [
        ('', None),
        ('; boundary=', None),
        ('; boundary=b', None),
        ('; boundary=b', b'form-data'),
        ('; boundary=b', b'form-data; name="image"; filename="\xff\xfe"'),
        ('; boundary=b; charset=nowhere', b'form-data; name="image"'),
    ],
)
def test_an_unreadable_form_is_refused(site, content_type, part):
    body = (
        b'no form'
        if part is None
        else (b'--b\r\ncontent-disposition: ' + part + b'\r\n\r\nx\r\n--b--')
    )
    refused = site.post(
        '/classify', content=body, headers={'content-type': f'multipart/form-data{content_type}'}
    )
    assert refused.status_code in (400, 415)
    assert refused.json()['detail']


def test_a_form_with_many_fields_or_files_is_refused(site, jpeg):
    many = site.post('/classify', files=[('image', ('a.jpg', jpeg))] * 3)
    assert many.status_code == 400
    fields = site.post(
        '/classify',
        data={f'f{number}': 'x' for number in range(50)},
        files={'image': ('a.jpg', jpeg)},
    )
    assert fields.status_code == 400


def test_a_wrong_field_name_is_named(site, jpeg):
    refused = site.post('/classify', files={'photo': ('a.jpg', jpeg)})
    assert refused.status_code == 400
    assert 'image' in refused.json()['detail']


def test_pictures_beyond_the_queue_are_refused(serve, jpeg):
    free = threading.Event()

    class Slow:
        def classify(self, frame):
            free.wait(PATIENCE)
            raise RuntimeError('a model that breaks')

    site = serve(Slow)
    statuses: list[int] = []

    def send() -> None:
        statuses.append(site.post('/classify', content=jpeg).status_code)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: statuses.count(503) == 4, 'refusal of four')
    finally:
        free.set()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [500] * 4 + [503] * 4
    assert site.lives()


# Clients that take their time.


def test_a_header_that_arrives_too_slowly_ends_the_connection(site):
    connection = talk(site)
    received = b''
    connection.settimeout(0.02)
    deadline = time.monotonic() + PATIENCE
    ended = False
    while not ended and time.monotonic() < deadline:
        try:
            connection.sendall(b'G')
            received += connection.recv(4096)
        except TimeoutError:
            continue
        except OSError:
            ended = True
        else:
            ended = True
    assert ended, 'a head of one byte after the other is waited for without end'
    connection.close()
    assert not received or received.startswith((b'HTTP/1.1 408', b'HTTP/1.1 400'))


def test_an_idle_connection_is_closed(site):
    assert answer(talk(site)) == b''


def test_an_incomplete_header_is_answered_and_the_connection_closed(site):
    assert answer(talk(site, b'POST /classify HTTP/1.1\r\nhost: ')).startswith(b'HTTP/1.1 408')


def test_a_missing_body_ends_the_connection(site):
    assert answer(talk(site, head(site, content_length=1000) + b'x')).startswith(b'HTTP/1.1 408')


def test_a_client_that_does_not_read_is_disconnected(site):
    """It sends requests on one connection and reads no answer."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(0.2)
    connection.connect(('127.0.0.1', site.port))
    request = head(site, 'GET', '/swagger/swagger-ui-bundle.js')
    deadline = time.monotonic() + PATIENCE
    ended = False
    while not ended and time.monotonic() < deadline:
        try:
            connection.send(request)
            time.sleep(0.02)
        except TimeoutError:
            continue
        except OSError:
            ended = True
    connection.close()
    assert ended


def test_connections_beyond_the_limit_are_asked_to_retry(site):
    with ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(site.socket('/events'))
        assert site.get('/healthz').status_code == 503
        with pytest.raises(InvalidStatus) as refused, site.socket('/events'):
            pass
        assert refused.value.response.status_code == 503


def test_a_flood_of_connections_is_cut_off(site):
    with ExitStack() as stack:
        flood = [stack.enter_context(closing(talk(site))) for _ in range(100)]
        cut = [connection for connection in flood if answer(connection) == b'']
    assert len(cut) == len(flood)


@ON_TIME
def test_a_client_with_too_many_requests_is_slowed_down(serve):
    site = serve()
    import httpx

    with httpx.Client(base_url=site.url) as client:
        statuses = [client.get('/faces').status_code for _ in range(400)]
    assert statuses[0] == 200
    assert 429 in statuses


# Invalid requests.


POST = b'POST /classify HTTP/1.1\r\nhost: 127.0.0.1\r\n'


@pytest.mark.parametrize(
    'data',
    [
        b'\x16\x03\x01\x02\x00\x01\x00',
        b'\xff\xfe\xfd\r\n\r\n',
        b'GET\r\n\r\n',
        b'GET / HTTP/1.1\r\nbroken header\r\n\r\n',
        b'GET / HTTP/1.1\r\n\r\n',
        POST + b'content-length: -5\r\n\r\n',
        POST + b'content-length: 5\r\ncontent-length: 6\r\n\r\n',
        b'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ' + b'y' * 1_000_000,
    ],
)
def test_data_that_is_not_http_is_refused(site, data):
    received = answer(talk(site, data))
    assert received.startswith(b'HTTP/1.1 4') or received == b''


@pytest.mark.parametrize(
    'path',
    [
        '/static/../settings.py',
        '/static/%2e%2e/settings.py',
        '/static/..%2fsettings.py',
        '/static/....//settings.py',
        '/static//etc/passwd',
        '/swagger/../../core.py',
        '/static/%00',
        '/%ff%fe',
        '/static/' + 'a' * 5000,
        '/../../etc/passwd',
        '/docs/../../x',
    ],
)
def test_paths_reach_served_files_only(site, path):
    received = answer(talk(site, head(site, 'GET', path, connection='close')))
    status = int(received.split()[1])
    assert 400 <= status < 500
    assert b'root:' not in received
    assert b'import' not in received


@pytest.mark.parametrize('method', ['DELETE', 'PUT', 'TRACE', 'PATCH', 'OPTIONS'])
def test_other_methods_are_refused(site, method):
    received = answer(talk(site, head(site, method, '/faces', connection='close')))
    assert received.startswith(b'HTTP/1.1 405')


def test_a_foreign_host_name_is_refused(site):
    refused = site.get('/faces', headers={'host': 'evil.example'})
    assert refused.status_code == 421


def test_a_foreign_page_cannot_send_pictures(site, jpeg):
    refused = site.post('/classify', content=jpeg, headers={'origin': 'http://evil.example'})
    assert refused.status_code == 403
    assert 'access-control-allow-origin' not in refused.headers


# Tokens.


@pytest.mark.parametrize(
    'headers',
    [
        {},
        {'authorization': 'Bearer wrong-token-of-some-length'},
        {'authorization': TOKEN},
        {'authorization': f'Bearer {TOKEN}x'},
        {'cookie': f'fer_ros={TOKEN}'},
        {'cookie': 'fer_ros="\\'},
        {'authorization': b'Bearer \xff\xfe'},
    ],
)
@pytest.mark.parametrize(
    'path', ['/faces', '/metrics', '/healthz', '/openapi.json', '/static/theme.css', '/nowhere']
)
def test_without_the_token_no_data_is_returned(locked, headers, path):
    refused = locked.get(path, headers=headers)
    assert refused.status_code == 401
    assert refused.headers['www-authenticate'] == 'Bearer'


def test_a_token_in_an_address_does_not_open_the_api(locked):
    assert locked.get(f'/faces?token={TOKEN}').status_code == 401


def test_a_picture_is_not_read_without_the_token(locked, jpeg):
    assert locked.post('/classify', content=jpeg).status_code == 401
    allowed = locked.post('/classify', content=jpeg, headers={'authorization': f'Bearer {TOKEN}'})
    assert allowed.status_code == 200


def test_a_socket_needs_the_token(locked):
    with pytest.raises(InvalidStatus) as refused, locked.socket('/events'):
        pass
    assert refused.value.response.status_code == 401
    with locked.socket('/events', additional_headers={'authorization': f'Bearer {TOKEN}'}):
        pass


def test_a_browser_logs_in_with_the_token_and_keeps_a_cookie(locked):
    import httpx

    with httpx.Client(base_url=locked.url, headers={'accept': 'text/html'}) as browser:
        asked = browser.get('/docs')
        assert asked.status_code == 303
        login = asked.headers['location']
        assert login == '/login?next=%2Fdocs'
        assert browser.get(login).status_code == 200
        wrong = browser.post(login, data={'token': '<script>alert(1)</script>'})
        assert wrong.status_code == 401
        assert '<script' not in wrong.text
        right = browser.post(login, data={'token': TOKEN})
        assert (right.status_code, right.headers['location']) == (303, '/docs')
        cookie = right.headers['set-cookie'].lower()
        assert 'httponly' in cookie
        assert 'samesite=lax' in cookie
        assert TOKEN not in cookie
        assert browser.get('/docs').status_code == 200
        assert browser.get('/faces').status_code == 200


def test_a_browser_stays_logged_in_at_two_servers_of_one_host(locked, serve):
    import httpx

    other = serve(token=TOKEN + '-of-the-other')
    with httpx.Client() as browser:
        for site, token in ((locked, TOKEN), (other, TOKEN + '-of-the-other')):
            browser.post(f'{site.url}/login', data={'token': token})
        assert [browser.get(f'{site.url}/faces').status_code for site in (locked, other)] == [
            200
        ] * 2


def test_a_browser_can_give_the_token_in_the_address_once(locked):
    answer = locked.get(f'/docs?a=1&token={TOKEN}')
    assert (answer.status_code, answer.headers['location']) == (303, '/docs?a=1')
    assert 'fer_ros_' in answer.headers['set-cookie']
    wrong = locked.get('/docs?token=wrong', headers={'accept': 'text/html'})
    assert wrong.headers['location'].startswith('/login')
    assert 'set-cookie' not in wrong.headers


@pytest.mark.parametrize(
    'way',
    ['http://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/\nx: y'],
)
def test_the_login_redirects_to_no_other_server(locked, way):
    locked_out = locked.post('/login', params={'next': way}, data={'token': TOKEN})
    assert locked_out.status_code in (303, 429)
    if locked_out.status_code == 303:
        assert locked_out.headers['location'] == '/'


def test_tokens_cannot_be_tried_quickly(serve):
    site = serve(token=TOKEN)
    statuses = [
        site.post('/login', data={'token': f'guess {number}'}).status_code for number in range(10)
    ]
    assert statuses[:2] == [401, 401]
    assert statuses[-1] == 429
