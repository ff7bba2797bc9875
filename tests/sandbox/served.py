"""The sandbox on a real socket, for tests of what speaks to providers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from sandbox.app import create
from tests.live import until


@dataclass(frozen=True, slots=True)
class Served:
    """A running sandbox and its door for tests."""

    url: str
    http: httpx.Client

    def control(self, method: str, path: str, body: object = None) -> Any:
        """What `/_sandbox/{path}` says; an answer that is no success raises."""
        answer = self.http.request(method, f"{self.url}/_sandbox/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def athlete(self, seed: int, **more: object) -> Any:
        """A new one."""
        return self.control("POST", "athletes", {"seed": seed, **more})

    def approve(self, authorize_url: str, athlete_id: str, **fields: object) -> str:
        """Presses the button of the authorize page, and returns where the browser is sent."""
        form = {"athlete": athlete_id, "decision": "approve", **fields}
        answer = self.http.post(authorize_url, data=form)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


@contextmanager
def served(port: int = 0) -> Iterator[Served]:
    """A sandbox of its own, in a thread, as long as the context lasts; on any free port, or on this one."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        config = uvicorn.Config(create(), log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            until(lambda: server.started, 20)
            # One client, since each reads all certificates anew; it lets go of what is idle before the server does.
            limits = httpx.Limits(keepalive_expiry=config.timeout_keep_alive / 2)
            with httpx.Client(timeout=30, trust_env=False, limits=limits) as http:
                yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", http)
        finally:
            server.should_exit = True
            thread.join(10)
