"""Decoys: ids that nobody has a reason to ask for. Whoever touches one is noticed, and learns nothing of it.

Every process knows all of them by heart, so that a request is compared with them without asking anybody, and only
notes a touch: what is to be done about it (`kernel/honeypot`) happens apart from the request, whose answer says the same
after the same time as any other.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes
from uuid import UUID

import structlog
from sqlalchemy import select

from rowhouse.kernel.context import NOBODY, Identity, RequestInfo
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.observability.metrics import HONEYPOT_TOUCHES, know
from rowhouse.kernel.watch.models import Decoy

log = structlog.get_logger("rowhouse.honeypot")

KINDS = ("organization", "person", "account", "api_key", "row")
know(HONEYPOT_TOUCHES, KINDS)
MOST_UNTOLD = 1_000
ID = re.compile(rb"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
"""Every way to write an id that a route reads as one."""


@dataclass(frozen=True, slots=True)
class Touch:
    """Who touched which decoy, with what. `route` is the pattern, never the path."""

    decoy: UUID
    kind: str
    identity: Identity
    request: RequestInfo
    method: str
    route: str
    status: int


class Decoys:
    """Those of the installation, as of the last `load`; empty where none were planted."""

    def __init__(self) -> None:
        self._kinds: Mapping[UUID, str] = {}
        self._untold: dict[tuple[UUID, Identity, str], Touch] = {}

    def __bool__(self) -> bool:
        return bool(self._kinds)

    async def load(self, database: Database) -> None:
        async with database.session(Binding()) as session:
            found = await session.execute(select(Decoy.id, Decoy.kind))
            self._kinds = {row.id: row.kind for row in found}

    def touch(
        self,
        known: Iterable[UUID | None],
        texts: Iterable[bytes] = (),
        *,
        identity: Identity = NOBODY,
        request: RequestInfo,
        method: str,
        route: str,
        status: int = 0,
    ) -> None:
        """Notes a touch where one of the ids `known` of a request, or of those written in `texts`, is a decoy's: the
        first of them stands for all."""
        for id_ in (*known, *(UUID(found.decode()) for text in texts for found in ID.findall(_plain(text)))):
            if id_ is not None and id_ in self._kinds:
                self._note(Touch(id_, self._kinds[id_], identity, request, method, route, status))
                return

    def take(self) -> list[Touch]:
        """The touches since the last time: of one caller and decoy the first alone."""
        taken, self._untold = list(self._untold.values()), {}
        return taken

    def _note(self, touch: Touch) -> None:
        HONEYPOT_TOUCHES.labels(touch.kind).inc()
        log.critical(
            "honeypot_touched", decoy=touch.kind, method=touch.method, route=touch.route, status=touch.status
        )
        if len(self._untold) < MOST_UNTOLD:
            self._untold.setdefault((touch.decoy, touch.identity, touch.request.client_address), touch)


def _plain(text: bytes) -> bytes:
    return unquote_to_bytes(text) if b"%" in text else text


decoys = Decoys()
