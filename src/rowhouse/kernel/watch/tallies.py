"""How much each person asks, counted in this process's memory; `kernel/security/unusual.py` passes it on every few
seconds, so that a request costs no call more."""

from dataclasses import dataclass
from uuid import UUID

from rowhouse.kernel.context import Identity, RequestInfo

PEOPLE_KEPT = 10_000


@dataclass(slots=True)
class Tally:
    """What a person read and probed since the last `take`, with the last of these requests. A probe is a 404 for an id:
    nobody's, or another's."""

    identity: Identity
    request: RequestInfo
    reads: int = 0
    probes: int = 0


_tallies: dict[UUID, Tally] = {}


def tally(identity: Identity, request: RequestInfo, *, read: bool, probe: bool) -> None:
    """Counts a request of a person; what operators do through somebody's eyes is not that person's."""
    user = identity.user_id
    if user is None or identity.operator_id is not None or not (read or probe):
        return
    found = _tallies.get(user)
    if found is None:
        if len(_tallies) >= PEOPLE_KEPT:
            return
        found = _tallies[user] = Tally(identity, request)
    found.identity, found.request = identity, request
    found.reads += read
    found.probes += probe


def take() -> dict[UUID, Tally]:
    """What was counted since the last time."""
    global _tallies
    taken, _tallies = _tallies, {}
    return taken
