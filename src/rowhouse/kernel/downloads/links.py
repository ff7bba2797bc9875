"""Links to objects in storage: sealed by the master key, so that none can be made, read or changed elsewhere.

A link names the account it was made for and its end. Shown by anybody else, too late, or after the object is gone, it
is answered like one that never was.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.secrets.sealing import Unsealable
from rowhouse.kernel.storage.storage import organization_key
from rowhouse.kit.time import now

LIFE = timedelta(hours=1)
PURPOSE = "download"
LONGEST = 4_000


class LinkInvalid(NotFound):
    code = "link_invalid"
    title = "This link leads nowhere any more, or was made for somebody else; ask for a new one."


@dataclass(frozen=True, slots=True)
class Linked:
    """The object that a link leads to."""

    key: str
    name: str
    media_type: str


def make_link(ctx: Ctx, linked: Linked, life: timedelta = LIFE) -> str:
    """The path of a link to one of the organization's objects, for the context's account alone."""
    sealed = ctx.platform.sealer.seal(
        {
            "purpose": PURPOSE,
            "organization": str(ctx.org),
            "account": str(ctx.account),
            "key": linked.key,
            "name": linked.name,
            "type": linked.media_type,
            "until": (now() + life).isoformat(),
        }
    )
    return f"/api/v1/downloads/{sealed}"


def follow_link(ctx: Ctx, link: str) -> Linked:
    """What the link leads to, if it is the context's account's and not over. Raises `LinkInvalid`."""
    if len(link) > LONGEST:
        raise LinkInvalid
    try:
        said = ctx.platform.sealer.open_mapping(link)
    except Unsealable:
        raise LinkInvalid from None
    if said.get("purpose") != PURPOSE:  # sealed for something else
        raise LinkInvalid
    if (UUID(said["organization"]), UUID(said["account"])) != (ctx.org, ctx.account):
        raise LinkInvalid
    if datetime.fromisoformat(said["until"]) <= now():
        raise LinkInvalid
    key: str = said["key"]
    if not key.startswith(f"{organization_key(ctx.org)}/"):
        raise LinkInvalid
    return Linked(key, said["name"], said["type"])
