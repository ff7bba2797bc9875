"""What is noticed of a request once it is answered: nothing of it changes the answer or the time that it takes."""

from starlette.types import Scope

from rowhouse.kernel.context import NOBODY, Identity, RequestInfo
from rowhouse.kernel.http.csrf import SAFE_METHODS
from rowhouse.kernel.watch.decoys import decoys
from rowhouse.kernel.watch.tallies import tally

NOT_FOUND = 404


def watch(scope: Scope, request: RequestInfo, route: str, status: int) -> None:
    """Counts what its person reads and probes, and notes a decoy that was shown, acted as or asked for: in path, query
    and JSON, whether it was found or not."""
    identity: Identity = scope.get("rowhouse.identity", NOBODY)
    method: str = scope["method"]
    reads = method in SAFE_METHODS and status < 400
    tally(identity, request, read=reads, probe=status == NOT_FOUND and "{" in route)
    if decoys:
        decoys.touch(
            (scope.get("rowhouse.presented"), identity.user_id, identity.organization_id),
            (scope["path"].encode(), scope["query_string"], scope.get("rowhouse.json", b"")),
            identity=identity,
            request=request,
            method=method,
            route=route,
            status=status,
        )
