"""One try: a POST to the address that was checked, bounded in time and in what is read of the answer. Nothing of the
environment (proxies, .netrc) is used, no redirect is followed, and it raises nothing."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import httpx

from rowhouse.kernel.webhooks.outgoing.addresses import Refused, Resolve, Target, find_target

DEADLINE_S = 10.0
TIMEOUT = httpx.Timeout(8.0, connect=4.0)
EXCERPT_BYTES = 2_000
LONGEST_RETRY_AFTER_S = 3_600


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: a status with the beginning of the answer, or the code of what went wrong."""

    duration_ms: int
    status: int | None = None
    error: str | None = None
    response: str | None = None
    retry_after_s: int = 0

    @property
    def delivered(self) -> bool:
        return self.error is None and self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        return self.status == 410


async def post(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    loopback: bool = False,
    resolve: Resolve | None = None,
    tls: ssl.SSLContext | None = None,
) -> Outcome:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(DEADLINE_S):
            target = await find_target(url, loopback=loopback, resolve=resolve)
            status, response, after = await _send(target, headers, body, tls or _trust())
    except Refused as refusal:
        return Outcome(_since(started), error=refusal.code, response=str(refusal))
    except (httpx.TimeoutException, TimeoutError):
        return Outcome(_since(started), error="timeout")
    except httpx.ConnectError as error:
        return Outcome(_since(started), error="tls" if _is_tls(error) else "unreachable")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        return Outcome(_since(started), error="protocol")
    return Outcome(_since(started), status, _wrong(status), response, after)


def _wrong(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    return "redirected" if 300 <= status < 400 else "status"


async def _send(
    target: Target, headers: Mapping[str, str], body: bytes, tls: ssl.SSLContext
) -> tuple[int, str, int]:
    """The URL holds the address; the name goes into Host, SNI and the check of the certificate."""
    async with httpx.AsyncClient(
        verify=tls, timeout=TIMEOUT, trust_env=False, follow_redirects=False, http2=False
    ) as client:
        request = client.build_request(
            "POST",
            target.url,
            headers={**headers, "Host": target.authority, "Accept-Encoding": "identity"},
            content=body,
            extensions={"sni_hostname": target.host},
        )
        response = await client.send(request, stream=True)
        try:
            excerpt = await _excerpt(response)
            return response.status_code, excerpt, _retry_after_s(response)
        finally:
            await response.aclose()


async def _excerpt(response: httpx.Response) -> str:
    """The beginning of the answer, as text without control characters. The status counts, so that an answer which
    breaks off is as good as one that ends."""
    found = bytearray()
    try:
        async for chunk in response.aiter_raw():
            found += chunk
            if len(found) >= EXCERPT_BYTES:
                break
    except httpx.HTTPError:
        pass
    written = bytes(found[:EXCERPT_BYTES]).decode(errors="replace")
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in written)


def _retry_after_s(response: httpx.Response) -> int:
    said = response.headers.get("retry-after", "")
    if response.status_code not in (429, 503) or not (said.isascii() and said.isdigit() and len(said) < 9):
        return 0
    return min(int(said), LONGEST_RETRY_AFTER_S)


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
