"""Bodies are bounded before anything reads them; uploads bound their files themselves."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rowhouse.kernel.errors import AppError, PayloadTooLarge
from rowhouse.kernel.http.problems import problem

SLOWEST_S = 30
UPLOADS = frozenset({"/api/v1/uploads"})


class BoundedBodies:
    """Refuses a body that says it is too large at once, one that does not say as soon as it is, and one that trickles
    in."""

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
        read, complete = 0, False
        deadline = asyncio.get_running_loop().time() + SLOWEST_S

        async def receive_bounded() -> Message:
            nonlocal read, complete
            if complete:  # what comes now is the end of the connection
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError as error:
                scope["rowhouse.refused"] = BodyTooSlow()
                raise BodyRefused from error
            read += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if read > self.most_bytes:
                scope["rowhouse.refused"] = PayloadTooLarge()
                raise BodyRefused
            return message

        await self.app(scope, receive_bounded, send)


class BodyTooSlow(AppError):
    status, code = 408, "body_too_slow"
    title = f"The body did not arrive within {SLOWEST_S} s; send it again."


class BodyRefused(Exception):
    """Raised while a body is read; the web framework turns it into a 400, and `problems` that into what was meant."""
