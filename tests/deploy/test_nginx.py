"""nginx with the configuration that production uses: in front of a small application that says what it was asked, and
in front of the API itself."""

import asyncio
import re
import socket
import ssl
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from rowhouse.kernel.errors import every_error
from rowhouse.kernel.http.middleware import API_CSP, HEADERS
from rowhouse.kernel.settings import Settings
from rowhouse.local.environment import WEB
from rowhouse.local.nginx import NginxServer
from rowhouse.local.ports import free_port
from rowhouse.local.server import DEPLOY
from tests.conftest import PATIENCE_S
from tests.live import LiveRun
from tests.services import Services, remove_home

CONFIG = (DEPLOY / "nginx" / "nginx.conf").read_text(encoding="utf-8")
SPOOFED = {
    "X-Forwarded-For": "203.0.113.66",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Real-IP": "203.0.113.66",
    "Forwarded": "for=203.0.113.66",
    "Proxy": "http://evil.example",
}
HEADER_TIMEOUT_S = 1
SAME_BEHIND = {
    "content-type",
    "cache-control",
    "content-security-policy",
    "strict-transport-security",
    "x-api-version",
}


class Upstream:
    """An application that answers with what it was asked, and remembers how far an upload has come."""

    def __init__(self) -> None:
        self.received = 0
        self.go_on = threading.Event()
        self.port = free_port()
        routes = [
            Route("/echo", self.echo, methods=["GET", "POST"]),
            Route("/stream", self.stream),
            Route("/large", self.large),
            Route("/api/v1/auth/large", self.large),
            Route("/api/v1/uploads", self.upload, methods=["POST"]),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes), port=self.port, log_level="warning", proxy_headers=False
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    async def echo(self, request: Request) -> Response:
        body = await request.body()
        return JSONResponse({"headers": request.headers.items(), "body": len(body)})

    async def stream(self, _request: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            yield b"data: first\n\n"
            while not self.go_on.is_set():  # noqa: ASYNC110 - set from another thread
                await asyncio.sleep(0.02)
            yield b"data: second\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    async def large(self, _request: Request) -> Response:
        return JSONResponse({"text": "the same again and again " * 400})

    async def upload(self, request: Request) -> Response:
        self.received = 0
        async for chunk in request.stream():
            self.received += len(chunk)
        return JSONResponse({"received": self.received})


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    upstream = Upstream()
    upstream.thread.start()
    wait_until(lambda: upstream.server.started)
    yield upstream
    upstream.server.should_exit = True
    upstream.thread.join(10)


@pytest.fixture(scope="module")
def nginx(upstream: Upstream, services: Services) -> Iterator[NginxServer]:
    broker = urlsplit(services.mqtt_ws_url).port
    assert broker
    home = Path(tempfile.mkdtemp(prefix="rowhouse-nginx-"))
    home.chmod(0o755)
    impatient = f"client_header_timeout {HEADER_TIMEOUT_S}s;"
    with NginxServer(home, upstream.port, broker, WEB, more=[impatient]) as server:
        yield server
    remove_home(home)


@pytest.fixture
def client(nginx: NginxServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=nginx.url, verify=trusting(nginx), timeout=10) as client:
        yield client


def trusting(nginx: NginxServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=nginx.authority)


def wait_until(condition: Callable[[], object], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.02)


def handshake(
    nginx: NginxServer,
    *,
    versions: tuple[ssl.TLSVersion, ssl.TLSVersion] = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
    protocols: Sequence[str] = ("h2", "http/1.1"),
) -> ssl.SSLSocket:
    context = trusting(nginx)
    context.minimum_version, context.maximum_version = versions
    context.set_alpn_protocols(list(protocols))
    plain = socket.create_connection(("127.0.0.1", nginx.port), 5)
    try:
        return context.wrap_socket(plain, server_hostname="127.0.0.1")
    except BaseException:
        plain.close()
        raise


def test_tls_is_modern_and_http_2_is_offered(nginx: NginxServer) -> None:
    with handshake(nginx) as connection:
        assert connection.version() == "TLSv1.3"
        assert connection.selected_alpn_protocol() == "h2"
    with handshake(nginx, versions=(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)) as connection:
        cipher = connection.cipher()
        assert cipher
        assert re.search("GCM|POLY1305", cipher[0])
    with pytest.warns(DeprecationWarning, match="TLSv1"), pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(nginx, versions=(ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1))


def test_plain_http_leads_to_https_of_the_own_name_alone(nginx: NginxServer) -> None:
    answer = httpx.get(f"{nginx.plain_url}/workouts?sport=run")
    assert (answer.status_code, answer.headers["location"]) == (308, f"{nginx.url}/workouts?sport=run")
    on_tls_port = httpx.get(f"http://127.0.0.1:{nginx.port}/workouts")
    assert (on_tls_port.status_code, on_tls_port.headers["location"]) == (308, f"{nginx.url}/workouts")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:443", "a@127.0.0.1"]
)
def test_a_strange_host_meets_a_closed_door(nginx: NginxServer, client: httpx.Client, host: str) -> None:
    for answer in (
        client.get("/echo", headers={"Host": host}),
        httpx.get(f"{nginx.plain_url}/echo", headers={"Host": host}),
    ):
        assert answer.status_code in (400, 421), answer.text
        assert_problem(answer, nginx)
        assert "evil" not in answer.text + str(answer.headers)


def test_two_host_headers_are_refused(nginx: NginxServer) -> None:
    with socket.create_connection(("127.0.0.1", nginx.ports["http"]), 5) as plain:
        plain.sendall(b"GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n")
        assert plain.recv(4096).startswith(b"HTTP/1.1 400 ")


def test_what_a_client_says_of_itself_ends_here(client: httpx.Client) -> None:
    told = heard(client.get("/echo", headers=SPOOFED))
    assert told["x-forwarded-for"] == "127.0.0.1"
    assert told["x-forwarded-proto"] == "https"
    assert told["host"] == "127.0.0.1"
    assert not {"x-forwarded-host", "x-real-ip", "forwarded", "proxy"} & told.keys()
    assert re.fullmatch("[0-9a-f]{32}", told["x-request-id"])
    assert heard(client.get("/echo", headers={"X-Request-ID": "mine-1"}))["x-request-id"] == "mine-1"
    assert heard(client.get("/echo", headers={"X-Request-ID": "not mine"}))["x-request-id"] != "not mine"


def heard(answer: httpx.Response) -> dict[str, str]:
    headers = answer.json()["headers"]
    assert len(dict(headers)) == len(headers), "none twice"
    return dict(headers)


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/x", "/dev/mail", "/dev", "//metrics", "/%6detrics", "/x/../dev/mail"]
)
def test_what_is_for_the_machine_itself_is_not_there(nginx: NginxServer, path: str) -> None:
    with handshake(nginx, protocols=["http/1.1"]) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b'"code":"not_found"' in answer


@pytest.fixture
def alone(services: Services) -> Iterator[NginxServer]:
    """nginx with nothing behind it."""
    home = Path(tempfile.mkdtemp(prefix="rowhouse-nginx-"))
    home.chmod(0o755)
    with NginxServer(home, free_port(), free_port(), WEB) as server:
        yield server
    remove_home(home)


def test_an_application_that_is_away_is_a_problem_too(alone: NginxServer) -> None:
    answer = httpx.get(f"{alone.url}/api/v1/workouts", verify=trusting(alone))
    assert answer.status_code == 502
    assert answer.headers["retry-after"] == "5"
    assert_problem(answer, alone)


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_nobody_asks_faster_than_others_whatever_they_accept(alone: NginxServer, accept: str) -> None:
    """In one go and with nothing behind it: nginx has read them all long before their time would have come."""
    asked = f"GET /api/v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n"
    with handshake(alone, protocols=["http/1.1"]) as connection:
        connection.sendall((f"{asked}\r\n" * 599 + f"{asked}Connection: close\r\n\r\n").encode())
        told = b"".join(iter(lambda: connection.recv(65_536), b""))
    codes = Counter(re.findall(rb"HTTP/1.1 (\d+) ", told))
    assert codes.keys() == {b"502", b"429"}
    assert codes[b"502"] >= 200


def assert_problem(answer: httpx.Response, nginx: NginxServer) -> None:
    """Problem details with a code of the dictionary, under our headers."""
    assert answer.headers["content-type"] == "application/problem+json", nginx.tail()
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["code"] in {error.code for error in every_error()}
    assert said["request_id"] == answer.headers["x-request-id"]
    assert_own_headers(answer.headers)


def assert_own_headers(headers: httpx.Headers) -> None:
    expected: Mapping[str, str] = {
        **HEADERS,
        "Content-Security-Policy": API_CSP.decode(),
        "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
        "X-API-Version": "1",
    }
    for name, value in expected.items():
        assert headers.get_list(name) == [value], name


def test_a_body_is_as_large_as_the_application_takes_it(
    client: httpx.Client, nginx: NginxServer, upstream: Upstream
) -> None:
    most = int(Settings.model_fields["body_max_bytes"].default)
    assert client.post("/echo", content=b"x" * most).json()["body"] == most
    refused = client.post("/echo", content=b"x" * (most + 1))
    assert (refused.status_code, refused.json()["code"]) == (413, "payload_too_large")
    assert_problem(refused, nginx)
    largest_file = int(Settings.model_fields["upload_max_bytes"].default)
    assert "client_max_body_size 8g;" in CONFIG
    assert largest_file < 8 * 1024**3


def test_an_upload_streams_through_and_touches_no_disk(
    client: httpx.Client, nginx: NginxServer, upstream: Upstream
) -> None:
    seen: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(40):
            if number == 20:
                wait_until(lambda: upstream.received > 5_000_000)
                seen.extend(
                    path.stat().st_size for path in (nginx.data / "body").rglob("*") if path.is_file()
                )
            yield b"x" * 500_000

    answer = client.post("/api/v1/uploads", content=pieces())
    assert answer.json() == {"received": 20_000_000}
    assert seen == [], "half of it had arrived, and none of it lay in nginx' folder"


def test_events_pass_as_they_come(client: httpx.Client, upstream: Upstream) -> None:
    upstream.go_on.clear()
    with client.stream("GET", "/stream", headers={"Accept": "text/event-stream"}) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "data: first", "while the second is still to come"
        upstream.go_on.set()
        assert "data: second" in list(lines)
        assert "content-encoding" not in answer.headers


def test_json_is_compressed_unless_it_may_hold_tokens(client: httpx.Client) -> None:
    answer = client.get("/large")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in client.get("/api/v1/auth/large").headers


def test_slow_clients_are_cut_off_and_others_served(nginx: NginxServer, client: httpx.Client) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(handshake(nginx, protocols=["http/1.1"])) for _ in range(10)]
        for connection in slow:
            connection.sendall(b"GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        assert client.get("/echo").status_code == 200
        for connection in slow:
            connection.settimeout(HEADER_TIMEOUT_S + 8)
            with suppress(ConnectionResetError):
                assert connection.recv(1) == b""


def test_an_address_has_a_hundred_requests_at_a_time(
    nginx: NginxServer, client: httpx.Client, upstream: Upstream
) -> None:
    asked = b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
    upstream.go_on.clear()
    with ExitStack() as stack:
        held = []
        for _ in range(100):
            held.append(stack.enter_context(handshake(nginx, protocols=["http/1.1"])))
            held[-1].sendall(asked)
        for connection in held:
            assert connection.recv(15) == b"HTTP/1.1 200 OK"
        answer = client.get("/echo")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        assert_problem(answer, nginx)
    upstream.go_on.set()
    wait_until(lambda: client.get("/echo").status_code == 200)


def test_the_brokers_websockets_are_behind_the_same_name(nginx: NginxServer) -> None:
    upgrade = (
        b"GET /mqtt HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: mqtt\r\n\r\n"
    )
    with handshake(nginx, protocols=["http/1.1"]) as connection:
        connection.sendall(upgrade)
        assert connection.recv(1024).startswith(b"HTTP/1.1 101 ")
    answer = httpx.get(f"{nginx.url}/mqtt", verify=trusting(nginx))
    assert answer.status_code == 404
    assert_problem(answer, nginx)


def test_before_the_api_nothing_is_doubled_or_lost(run_behind: LiveRun) -> None:
    """Pages, files, API answers and errors carry the application's own headers, each once."""
    script = next((WEB / "_next" / "static").rglob("*.js")).relative_to(WEB)
    for path in ("/ready", "/api/v1/auth/me", "/api/v1/errors", "/sign-in", f"/{script}", "/nowhere"):
        behind, before = run_behind.ask("GET", path), httpx.get(f"{run_behind.api}{path}", timeout=PATIENCE_S)
        assert behind.status_code == before.status_code, path
        assert without_id(behind) == without_id(before), path
        for name in sorted({*map(str.lower, HEADERS), *SAME_BEHIND}):
            assert behind.headers.get_list(name) == before.headers.get_list(name), (path, name)


def without_id(answer: httpx.Response) -> bytes:
    return re.sub(rb'"request_id":"[^"]+"', b"", answer.content)


def test_limits_count_the_address_that_nginx_saw(run_behind: LiveRun) -> None:
    """Nobody has more guesses for saying that they come from elsewhere."""

    def ask(n: int) -> int:
        given = {"X-Forwarded-For": f"203.0.113.{n}"}
        answer = run_behind.ask("GET", "/api/v1/rate-limit-status", headers=given)
        return int(answer.headers["x-ratelimit-remaining"])

    def falls() -> bool:
        left = [ask(n) for n in range(3)]
        return left[0] > left[1] > left[2]

    assert falls() or falls(), "once at most a minute of the count ends in between"
