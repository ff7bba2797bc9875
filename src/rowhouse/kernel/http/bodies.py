"""Bodies are bounded before anything reads them; uploads bound their files themselves."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rowhouse.kernel.errors import PayloadTooLarge
from rowhouse.kernel.http.problems import problem

UPLOADS = frozenset({"/api/v1/uploads"})


class BoundedBodies:
    """Refuses a body that says it is too large at once, and one that does not say as soon as it is."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD") or scope["path"] in UPLOADS:
            await self.app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not declared.isdigit() or int(declared) > self.most_bytes:
            await problem(scope["rowhouse.request"].id, PayloadTooLarge())(scope, receive, send)
            return
        read = 0

        async def receive_bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.most_bytes:
                scope["rowhouse.too_large"] = True
                raise BodyTooLarge
            return message

        await self.app(scope, receive_bounded, send)


class BodyTooLarge(Exception):
    """Raised while a body is read; the web framework turns it into a 400, and `problems` that into a 413."""
