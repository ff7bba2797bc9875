"""Asking a provider: with an end in time, an end in size, and over TLS in production. Never inside a transaction."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from rowhouse.kernel.federation.errors import ProviderAway

DEADLINE_S = 8.0
TIMEOUT = httpx.Timeout(5.0, connect=3.0)
LARGEST_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said; `body` is JSON, or None where it was none."""

    status: int
    body: Any


async def fetch(
    url: str,
    *,
    tls: bool,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    content: str | None = None,
) -> Answer:
    """One request, no redirect followed; `tls` refuses http://. Raises `ProviderAway` for whatever goes wrong."""
    if not url.startswith("https://" if tls else ("https://", "http://")):
        raise ProviderAway(f"The provider names an address that is not asked: {url[:100]}")
    try:
        async with (
            asyncio.timeout(DEADLINE_S),
            httpx.AsyncClient(timeout=TIMEOUT) as client,
            client.stream(method, url, headers=headers, content=content) as response,
        ):
            return Answer(response.status_code, _json(await _bounded(response)))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        raise ProviderAway from error


async def fetch_document(url: str, *, tls: bool) -> dict[str, Any]:
    """A JSON object; raises `ProviderAway` for any other answer."""
    answer = await fetch(url, tls=tls, headers={"Accept": "application/json"})
    if answer.status != 200 or not isinstance(answer.body, dict):
        raise ProviderAway
    return answer.body


async def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_BYTES:
            raise ProviderAway("The provider's answer is larger than any that is expected.")
    return bytes(body)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return None
