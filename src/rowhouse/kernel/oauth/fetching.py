"""Asking a provider: with an end in time, an end in size, and over TLS in production. Never inside a transaction."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
import orjson

from rowhouse.kernel.oauth.errors import ProviderAway

DEADLINE_S = 8.0
TIMEOUT = httpx.Timeout(5.0, connect=3.0)
LARGEST_BYTES = 512 * 1024


LONGEST_RETRY_AFTER_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said; `body` is JSON, or None where it was none. Names of headers are in lower case."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""

    @property
    def retry_after_s(self) -> int:
        """How long the provider wants to be left alone; 0 where it doesn't say."""
        said = self.headers.get("retry-after", "")
        known = said.isascii() and said.isdigit() and len(said) < 9
        return min(int(said), LONGEST_RETRY_AFTER_S) if known else 0


@asynccontextmanager
async def one_client() -> AsyncIterator[httpx.AsyncClient]:
    """A client for many questions to one provider: its connection is kept between them."""
    async with httpx.AsyncClient(timeout=TIMEOUT, verify=_trusted()) as client:
        yield client


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are believed. Reading them takes a tenth of a second: once a process, not once a sync."""
    return httpx.create_ssl_context()


async def fetch(
    url: str,
    *,
    tls: bool,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    content: str | bytes | None = None,
    params: Mapping[str, str] | None = None,
    client: httpx.AsyncClient | None = None,
    deadline_s: float | None = None,
    largest_bytes: int = LARGEST_BYTES,
) -> Answer:
    """One request, no redirect followed; `tls` refuses http://. Raises `ProviderAway` for whatever goes wrong."""
    if not url.startswith("https://" if tls else ("https://", "http://")):
        raise ProviderAway(f"The provider names an address that is not asked: {url[:100]}")
    try:
        async with (
            asyncio.timeout(deadline_s or DEADLINE_S),
            nullcontext(client) if client is not None else one_client() as asks,
            asks.stream(method, url, headers=headers, content=content, params=params) as response,
        ):
            raw = await _bounded(response, largest_bytes)
            said = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, _json(raw), said, raw)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        raise ProviderAway from error


async def fetch_document(url: str, *, tls: bool) -> dict[str, Any]:
    """A JSON object; raises `ProviderAway` for any other answer."""
    answer = await fetch(url, tls=tls, headers={"Accept": "application/json"})
    if answer.status != 200 or not isinstance(answer.body, dict):
        raise ProviderAway
    return answer.body


async def _bounded(response: httpx.Response, largest_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > largest_bytes:
            raise ProviderAway("The provider's answer is larger than any that is expected.")
    return bytes(body)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return None
