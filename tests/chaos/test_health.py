"""Health tells each fault within ten seconds, and that it is over: on a whole run whose parts really hang or are gone."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from rowhouse.local.ports import free_port
from tests.chaos.whole_run import WholeRun, only_whole, started

pytestmark = [pytest.mark.process, only_whole]
TOLD_WITHIN_S = 10.0


class Keys(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"keys": [{"kty": "RSA"}]}')

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def key_server(port: int) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", port), Keys)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def moved_away(folder: Path) -> Iterator[None]:
    elsewhere = folder.rename(folder.with_name("storage-away"))
    try:
        yield
    finally:
        elsewhere.rename(folder)


def told(run: WholeRun, status: str, away: set[str]) -> None:
    """Waits until health says so. With Redis away, nobody's sign of life is seen either."""

    def says() -> bool:
        try:
            answer = httpx.get(f"{run.url}/health", timeout=5)
        except httpx.TransportError:
            return False
        parts = answer.json()["parts"]
        found = {name for name, part in parts.items() if part["state"] != "healthy"} - {"disk", "memory"}
        assert answer.status_code == (503 if answer.json()["status"] == "unhealthy" else 200)
        assert all(part["detail"] is None or "127.0.0.1" not in part["detail"] for part in parts.values())
        return found == away and answer.json()["status"] in (status, "degraded" if not away else status)

    run.until(says, TOLD_WITHIN_S)


def test_health_tells_each_fault_and_its_end(folder: Path) -> None:
    provider = free_port()
    address = f"http://127.0.0.1:{provider}"
    idp = {"PROVIDER": "frontegg", "ISSUER": address, "AUDIENCE": "rowhouse", "JWKS_URL": f"{address}/keys"}
    settings = {f"ROWHOUSE_IDP_{name}": value for name, value in idp.items()}
    with ExitStack() as stack:
        keys = stack.enter_context(ExitStack())
        keys.enter_context(key_server(provider))
        run = stack.enter_context(started(folder, free_port(), **settings))
        told(run, "healthy", set())
        with ExitStack() as some:
            some.enter_context(run.paused("worker"))
            some.enter_context(run.paused("scheduler"))
            some.enter_context(run.paused("mqtt"))
            some.enter_context(moved_away(run.home / "storage"))
            keys.close()
            told(run, "degraded", {"worker", "scheduler", "broker", "storage", "identity_provider"})
            keys.enter_context(key_server(provider))
        told(run, "healthy", set())
        with run.paused("redis"):
            told(run, "degraded", {"redis", "worker", "scheduler"})
        told(run, "healthy", set())
        with run.paused("postgres"):
            # The scheduler shows no sign of life that it can't give.
            told(run, "unhealthy", {"database", "migrations", "scheduler"})
            assert httpx.get(f"{run.url}/ready", timeout=20).status_code == 503
        told(run, "healthy", set())
