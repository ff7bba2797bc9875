"""A provider of OpenID Connect that others have written: oidc-provider-mock, which is Authlib's server, as a process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from rowhouse.local.ports import free_port
from tests.live import until

ADA = {
    "sub": "ada",
    "email": "ada.of.the.provider@example.org",
    "email_verified": True,
    "name": "Ada Byron",
}


@contextmanager
def running_provider() -> Iterator[str]:
    """Its issuer, while it answers."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--user-claims", json.dumps(ADA)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _answers(f"http://127.0.0.1:{port}"), 30)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/.well-known/openid-configuration", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
