"""Garmin's pings, one address a kind: which uploads to ask for, which files there are, who has left. Nothing is signed; a
header says which application is meant, and nothing changes before Garmin was asked."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from pydantic import SecretStr

from rowhouse.apps.fitness.sources.garmin.adapter import ACTIVITIES
from rowhouse.apps.fitness.sources.garmin.health import READERS
from rowhouse.apps.fitness.sources.garmin.reading import Activity
from rowhouse.apps.fitness.sources.hints import Hint, take_hints
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.jobs.run import JobRun
from rowhouse.kernel.settings import Settings, WebhookCredentials
from rowhouse.kernel.webhooks.incoming.errors import WebhookUnreadable
from rowhouse.kernel.webhooks.incoming.provider import Notice, WebhookProvider, configured_for
from rowhouse.kernel.webhooks.incoming.signatures import Arrival, HeaderSecret


def credentials(settings: Settings) -> WebhookCredentials:
    """The paths of the setting for webhooks; what the header must show is the client id of the connections'."""
    found = configured_for("garmin")(settings)
    connection = (settings.connections or {}).get("garmin")
    own = (SecretStr(connection.client_id),) if connection is not None else ()
    return WebhookCredentials(paths=found.paths, secrets=(*found.secrets, *own))


def identify(arrival: Arrival) -> tuple[str, str]:
    """Garmin gives its pings no id: each is one of its own. Hints that are told twice are one, and who comes back and asks
    for the same again is told the same."""
    said = _read(arrival.body)
    return f"{arrival.at:.6f}/{hashlib.sha256(arrival.body).hexdigest()}", "+".join(sorted(said))


async def believe(_run: JobRun, notice: Notice) -> Notice:
    """Nothing here changes anything but that a sync is begun, which asks."""
    return notice


async def handle(ctx: Ctx, notice: Notice) -> str:
    of_users: dict[str, list[Hint]] = {}
    for kind, rows in _read(notice.body).items():
        for row in rows:
            of_users.setdefault(str(row["userId"]), []).extend(_hints(kind, row))
    outcomes = [await take_hints(ctx, "garmin", who, hints) for who, hints in sorted(of_users.items())]
    return "accepted" if "accepted" in outcomes else "ignored"


WEBHOOK = WebhookProvider(
    name="garmin",
    scheme=HeaderSecret("garmin-client-id"),
    read=identify,
    handle=handle,
    confirm=believe,
    credentials=credentials,
)


def _hints(kind: str, row: Mapping[str, Any]) -> Iterator[Hint]:
    """Who has left has no thing of theirs named: that somebody looks is enough."""
    if kind == ACTIVITIES or kind in READERS:
        bounds = [row.get(f"upload{side}TimeInSeconds") for side in ("Start", "End")]
        if all(isinstance(one, int) for one in bounds):
            yield Hint(f"{kind}/{bounds[0]}/{bounds[1]}", more={"kind": kind, "window": bounds})
    if kind == "activityFiles" and isinstance(row.get("activityId"), int):
        activity = Activity.model_validate(row).model_dump()
        asked = urlsplit(str(row.get("callbackURL"))).query
        more = {"activity": activity, "file": asked, "format": str(row.get("fileType", "FIT"))}
        yield Hint(str(row["activityId"]), more=more)


def _read(body: bytes) -> dict[str, list[dict[str, Any]]]:
    try:
        said = orjson.loads(body)
    except ValueError as error:
        raise WebhookUnreadable from error
    rows = [row for some in said.values() for row in _rows(some)] if isinstance(said, dict) else []
    if not rows or not all(isinstance(row.get("userId"), str) for row in rows):
        raise WebhookUnreadable
    return {str(kind): _rows(some) for kind, some in said.items()}


def _rows(some: object) -> list[dict[str, Any]]:
    return [row for row in some if isinstance(row, dict)] if isinstance(some, list) else []
