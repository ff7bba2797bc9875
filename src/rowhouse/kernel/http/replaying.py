"""`Idempotency-Key` at the edge: for every POST of a signed-in account but those about signing in."""

from fastapi import Request, Response

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.bodies import UPLOADS
from rowhouse.kernel.http.counting import route_of
from rowhouse.kernel.idempotency.answers import KEPT_HEADERS, Answer, Claim, claim

HEADER = "idempotency-key"
REPLAYED = "Idempotency-Replayed"
NEVER_KEPT = "/api/v1/auth/"
"""What proves who somebody is counts when it is shown, and its answers set cookies."""


class Replay(Exception):
    """The answer was given before and is given again."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def takes_keys(method: str, path: str, way_in: str) -> bool:
    """Whether a route takes an `Idempotency-Key`."""
    return method == "POST" and way_in == "account" and not path.startswith(NEVER_KEPT)


async def claim_key(request: Request, ctx: Ctx) -> None:
    """Claims the request's key if it has one, before its route is called; raises `Replay` where it was answered."""
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST" or request.url.path.startswith(NEVER_KEPT):
        return
    path = request.url.path
    body = None if path in UPLOADS else await request.body()
    claimed = claim(ctx, key, route_of(request), path, request.scope["query_string"], body)
    answer = await claimed.answered()
    if answer is not None:
        raise Replay(answer)
    request.scope["rowhouse.claim"] = claimed


async def keep_answer(request: Request, response: Response) -> None:
    """Keeps the answer to a claimed key, in the transaction of what was done; errors are not kept, since they leave
    nothing done."""
    claimed: Claim | None = request.scope.get("rowhouse.claim")
    if claimed is not None and 200 <= response.status_code < 300:
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        await claimed.keep(Answer(response.status_code, headers, bytes(response.body)))


async def replay(_request: Request, again: Exception) -> Response:
    """The answer as it was given first, and a header that says so."""
    assert isinstance(again, Replay)
    headers = {**again.answer.headers, REPLAYED: "true"}
    return Response(again.answer.body, again.answer.status, headers)
