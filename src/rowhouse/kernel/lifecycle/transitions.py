"""The verbs of an organization's life: each changes its state under its lock, and begins the steps of the change.

    provisioning → active ⇄ suspended → deleted ⇄ (as before) → erased
         └──────────────────────────────────↑

The context is bound to the organization: an owner's, an operator's, or a command's without a person.
"""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select, text

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.errors import InvalidInput, NotFound
from rowhouse.kernel.lifecycle.errors import RestorationInvalid, WrongState
from rowhouse.kernel.lifecycle.opening import open_at_once, open_late
from rowhouse.kernel.lifecycle.running import begin
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kernel.notices.kernel_kinds import ORGANIZATION
from rowhouse.kernel.notices.posting import Told, post
from rowhouse.kernel.organizations.models import Organization, RecordedStep
from rowhouse.kernel.organizations.service import (
    OWNER,
    get_member,
    list_own_organizations,
    list_owners,
    lock_organization,
)
from rowhouse.kernel.secrets.minting import mint
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

GRACE = timedelta(days=30)
"""In which a deleted organization can be restored."""


async def provision(ctx: Ctx) -> None:
    """Begins what an organization needs that has just been founded: at once what is declared so, the rest in a job.
    It is active once nothing of it is left, and until then nobody acts in it."""
    if await begin(ctx, "provision") is None:
        await open_at_once(ctx)


async def provision_anew(ctx: Ctx, reason: str) -> None:
    """Begins every step once more, those too that were done: for an organization whose steps could not be finished."""
    await _in_state(ctx, "provisioning")
    await record(
        ctx, "organization.provisioning_repeated", resource=_resource(ctx), details={"reason": reason}
    )
    await _provision_late(ctx)


async def suspend(ctx: Ctx, reason: str) -> None:
    """Nobody of it can act from the next request or transaction on; its data and jobs wait."""
    organization = await _in_state(ctx, "active")
    organization.state, organization.suspended_reason = "suspended", reason
    await ctx.session.flush()
    await record(ctx, "organization.suspended", resource=_resource(ctx), details={"reason": reason})
    await _post(ctx, "Your organization was suspended. Nobody can act in it; its data is kept.")
    await begin(ctx, "suspend")


async def resume(ctx: Ctx, reason: str) -> None:
    organization = await _in_state(ctx, "suspended")
    organization.state, organization.suspended_reason = "active", None
    await ctx.session.flush()
    await record(ctx, "organization.resumed", resource=_resource(ctx), details={"reason": reason})
    await _post(ctx, "Your organization is not suspended any more.")
    await begin(ctx, "resume")


async def delete(
    ctx: Ctx, *, reason: str, confirm: str | None = None, tell: bool = True
) -> tuple[UUID, datetime]:
    """Deletes the organization softly, and mails its owners a link that restores it; answers the job that cuts off
    the rest and the end of the grace. `tell` is false where nobody would be left to restore it. Raises `InvalidInput` unless `confirm`, where given, is its name."""
    organization = await _in_state(ctx, "provisioning", "active", "suspended")
    if confirm is not None and confirm != organization.name:
        raise InvalidInput.of("confirm", "name_differs", "Type the organization's name as it is written.")
    token, moment = mint("restoration"), now()
    organization.state, organization.restore_hash = "deleted", _hash(token)
    organization.deleted_at, organization.erase_at = moment, moment + GRACE
    await ctx.session.flush()
    await record(ctx, "organization.deleted", resource=_resource(ctx), details={"reason": reason})
    if tell:
        await _tell_owners(ctx, organization, token)
    job_id = await begin(ctx, "delete")
    assert job_id is not None, "the kernel declares a step of deletion that runs in a job"
    return job_id, moment + GRACE


async def restore(ctx: Ctx, *, reason: str) -> None:
    """Brings a deleted organization back, as it was before: a suspended one suspended, and one that was never active is
    set up from the beginning. Sessions and API keys of then stay ended. Raises `WrongState` once the grace is over."""
    organization = await _in_state(ctx, "deleted")
    if organization.erase_at is None or organization.erase_at <= now():
        raise WrongState
    was_active = not await _is_half_provisioned(ctx)
    usual = "active" if was_active else "provisioning"
    organization.state = "suspended" if organization.suspended_reason else usual
    organization.restore_hash = organization.deleted_at = organization.erase_at = None
    await ctx.session.flush()
    await record(ctx, "organization.restored", resource=_resource(ctx), details={"reason": reason})
    await _post(ctx, "Your organization was restored. Whoever was signed in then signs in again.")
    await begin(ctx, "restore")
    if organization.state == "provisioning":
        await _provision_late(ctx)


async def restore_own(ctx: Ctx, organization_id: UUID) -> None:
    """Restores a deleted organization that the context's person owns. Raises `NotFound` for any other."""
    for one in await list_own_organizations(ctx):
        if one.id == organization_id and one.role == OWNER and one.state == "deleted":
            there = await acting_as(ctx, Identity(one.id, ctx.user, one.account_id, role=one.role))
            await restore(there, reason="an owner restored it")
            return
    raise NotFound


async def restore_by_link(ctx: Ctx, token: str) -> Organization:
    """Restores the organization whose deletion the link's mail told about. Raises `RestorationInvalid`."""
    found: UUID | None = await ctx.session.scalar(
        text("SELECT organization_id FROM resolve.restoration(:hash)"), {"hash": _hash(token)}
    )
    if found is None:
        raise RestorationInvalid
    there = await acting_as(ctx, Identity(organization_id=found))
    organization = await lock_organization(there)
    if organization.restore_hash != _hash(token):
        raise RestorationInvalid
    await restore(there, reason="the mailed link was used")
    return organization


async def expire(ctx: Ctx, reason: str) -> None:
    """Ends the grace of a deleted organization now, so that it can be erased."""
    organization = await _in_state(ctx, "deleted")
    organization.erase_at, organization.restore_hash = now(), None
    await ctx.session.flush()
    await record(ctx, "organization.erasure_hastened", resource=_resource(ctx), details={"reason": reason})


async def _provision_late(ctx: Ctx) -> None:
    if await begin(ctx, "provision") is None:
        await open_late(ctx)


async def _is_half_provisioned(ctx: Ctx) -> bool:
    """Whether a step of its provisioning was never finished, so that it was never active."""
    steps = select(RecordedStep.id).where(
        RecordedStep.organization_id == ctx.org,
        RecordedStep.transition == "provision",
        RecordedStep.state != "done",
    )
    return bool(await ctx.session.scalar(select(exists(steps))))


async def _in_state(ctx: Ctx, *states: str) -> Organization:
    organization = await lock_organization(ctx)
    if organization.state not in states:
        raise WrongState(f"The organization is {organization.state}.")
    return organization


async def _post(ctx: Ctx, text: str) -> None:
    """Tells the owners, but for the one who did it."""
    others = [one.account_id for one in await list_owners(ctx) if one.account_id != ctx.identity.account_id]
    await post(ctx, ORGANIZATION, others, Told(text, "/organization/settings", str(uuid7())))


async def _tell_owners(ctx: Ctx, organization: Organization, token: str) -> None:
    by = "an operator"
    if ctx.identity.account_id is not None:
        by = (await get_member(ctx, ctx.account)).name
    values = {
        "organization": organization.name,
        "by": by,
        "until": f"{organization.erase_at:%-d %B %Y}",
        "token": token,
    }
    for email in sorted({owner.email for owner in await list_owners(ctx)}):
        await send_mail(ctx, email, "organization_deleted", values)


def _resource(ctx: Ctx) -> str:
    return f"organization:{ctx.org}"


def _hash(token: str) -> bytes:
    """SHA-256: a random token needs no slow hash."""
    return hashlib.sha256(token.encode()).digest()
