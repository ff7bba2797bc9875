"""A load generator of few instructions: `python -m bench.speed.load`, its orders as JSON on standard input.

Orders: `{"port", "connections", "seconds", "requests": [[path, header lines], …]}`. Every connection asks, waits
for the whole answer and asks again, at random among the requests. Prints `{"requests", "failed", "elapsed_s",
"bytes", "p50_ms", "p95_ms", "p99_ms"}`.
"""

import asyncio
import json
import random
import sys
from collections.abc import Sequence
from functools import partial
from time import perf_counter
from typing import Any, cast

import uvloop


class Tally:
    """What all connections have seen; `over` is when they stop."""

    def __init__(self, seconds: float) -> None:
        self.latencies_s: list[float] = []
        self.failed = 0
        self.bytes = 0
        self.started = perf_counter()
        self.over = self.started + seconds


class Connection(asyncio.Protocol):
    """One client that keeps its connection."""

    def __init__(self, requests: Sequence[bytes], tally: Tally, ended: "asyncio.Future[None]") -> None:
        self._requests = requests
        self._tally = tally
        self._ended = ended
        self._head = b""
        self._missing = 0
        self._asked = 0.0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, not a check: uvloop's transports are no subclasses of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        if not self._ended.done():
            self._tally.failed += 1
            self._ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._tally.bytes += len(data)
        if self._missing:
            self._missing -= len(data)
        else:
            self._head += data
            head, found, body = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            self._head = b""
            self._tally.failed += not head.startswith(b"HTTP/1.1 200")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            self._missing = int(length) - len(body)
        if self._missing == 0:
            self._answered()

    def _ask(self) -> None:
        self._asked = perf_counter()
        self._transport.write(random.choice(self._requests))

    def _answered(self) -> None:
        now = perf_counter()
        self._tally.latencies_s.append(now - self._asked)
        if now < self._tally.over:
            self._ask()
        else:
            self._ended.set_result(None)
            self._transport.close()


async def load(orders: dict[str, Any]) -> dict[str, float]:
    """Carries the orders out."""
    requests = [
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()
        for path, headers in orders["requests"]
    ]
    loop = asyncio.get_running_loop()
    tally = Tally(orders["seconds"])
    ends = [loop.create_future() for _ in range(orders["connections"])]
    for end in ends:
        await loop.create_connection(partial(Connection, requests, tally, end), "127.0.0.1", orders["port"])
    await asyncio.gather(*ends)
    elapsed_s = perf_counter() - tally.started
    ordered = sorted(tally.latencies_s)
    return {
        "requests": len(ordered),
        "failed": tally.failed,
        "elapsed_s": elapsed_s,
        "bytes": tally.bytes,
        **{f"p{p}_ms": 1000 * percentile(ordered, p / 100) for p in (50, 95, 99)},
    }


def percentile(ordered: Sequence[float], share: float) -> float:
    """Of sorted values, the nearest rank."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


if __name__ == "__main__":
    print(json.dumps(uvloop.run(load(json.load(sys.stdin)))))
