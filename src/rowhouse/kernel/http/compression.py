"""Compressing answers, where that gives nothing away and is worth it (docs/adr/0015-compression.md)."""

from isal import isal_zlib
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST_BYTES = 1_400
"""What fits into one packet gains nothing."""
LEVEL = 1
GZIP_WINDOW = 31
"""zlib's way to say: with gzip's header."""
REFUSED = frozenset({"q=0", "q=0.0", "q=0.00", "q=0.000"})
SECRET = ("/api/v1/auth/", "/api/v1/admin/auth/")
"""Below these, answers hold tokens and codes."""


class Compressed:
    """Gzip for JSON that a GET below /api answers in one piece, for those who take it. Nothing else: what is shown
    once is the answer to a POST, and files are compressed already."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not _may(scope):
            await self.app(scope, receive, send)
            return
        start: Message | None = None

        async def send_compressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_json(message):
                start = message
                return
            if start is not None and message["type"] == "http.response.body":
                held, start = start, None
                message = _compress(held, message)
                await send(held)
            await send(message)

        await self.app(scope, receive, send_compressed)


def _may(scope: Scope) -> bool:
    path = scope["path"]
    if not path.startswith("/api/") or path.startswith(SECRET):
        return False
    return takes(scope, "gzip")


def takes(scope: Scope, coding: str) -> bool:
    """Whether the caller names `coding` and doesn't refuse it."""
    accepted = Headers(scope=scope).get("accept-encoding", "").lower()
    offered = (one.partition(";") for one in accepted.split(","))
    return any(
        name.strip() == coding and weight.replace(" ", "") not in REFUSED for name, _, weight in offered
    )


def _is_json(message: Message) -> bool:
    headers = dict(message["headers"])
    return (
        message["status"] == 200
        and headers.get(b"content-type", b"").startswith(b"application/json")
        and int(headers.get(b"content-length", b"0")) >= LEAST_BYTES
    )


def _compress(start: Message, body: Message) -> Message:
    """The body compressed, and `start` made to say so. The answer is another one for who asks otherwise, and its
    `ETag`, which stands for the content, is weak by then."""
    compressor = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, GZIP_WINDOW)
    content = compressor.compress(body["body"]) + compressor.flush()
    kept = [(name, _weak(name, value)) for name, value in start["headers"] if name != b"content-length"]
    start["headers"] = [
        *kept,
        (b"content-length", b"%d" % len(content)),
        (b"content-encoding", b"gzip"),
        (b"vary", b"Accept-Encoding"),
    ]
    return {**body, "body": content}


def _weak(name: bytes, value: bytes) -> bytes:
    return b"W/" + value if name == b"etag" and not value.startswith(b"W/") else value
