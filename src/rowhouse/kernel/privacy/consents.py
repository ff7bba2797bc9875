"""Consents: given and withdrawn by purpose, each time a row that says when, from where and to which words.

A feature declares what it asks for (`App.consents`), and asks `has_consented` before it does it. Terms of use are not
among them: they are accepted in onboarding, with their own versions, and bring the consents that are part of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.privacy.errors import ConsentChanged, ConsentWithdrawn
from rowhouse.kernel.privacy.models import Consent

if TYPE_CHECKING:  # contexts stand on the registry, which holds purposes
    from rowhouse.kernel.context import Ctx


@dataclass(frozen=True, slots=True)
class Purpose:
    """What somebody consents to. `text` is shown, `version` names what it means: a new one is asked for again. A
    `presumed` consent is part of the terms: recorded when they are accepted, it holds until it is withdrawn."""

    name: str
    title: str
    text: str
    version: str
    presumed: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person stands to a purpose; `since` is None where they never said anything."""

    purpose: Purpose
    given: bool
    since: datetime | None


async def list_standings(ctx: "Ctx") -> Sequence[Standing]:
    """Every purpose of the installed apps, with what the context's person has said last."""
    said = await _last_said(ctx)
    return [_standing(purpose, said) for purpose in ctx.platform.registry.purposes.values()]


async def has_consented(ctx: "Ctx", purpose: Purpose) -> bool:
    return _standing(purpose, await _last_said(ctx)).given


async def check_consent(ctx: "Ctx", purpose: Purpose) -> None:
    """Raises `ConsentWithdrawn` unless the context's person consents to the purpose."""
    if not await has_consented(ctx, purpose):
        raise ConsentWithdrawn(
            f"You don't consent to this: {purpose.title}. You can change that under Privacy."
        )


async def say(ctx: "Ctx", name: str, version: str, *, given: bool) -> Standing:
    """Gives or withdraws a consent. Raises `NotFound` for an unknown purpose, `ConsentChanged` when other words were
    read than those of now; withdrawing needs no reading."""
    purpose = ctx.platform.registry.purposes.get(name)
    if purpose is None:
        raise NotFound
    if given and version != purpose.version:
        raise ConsentChanged
    ctx.session.add(
        Consent(
            user_id=ctx.user,
            purpose=name,
            version=version,
            given=given,
            client_address=ctx.request.client_address,
            user_agent=ctx.request.user_agent[:300],
        )
    )
    await ctx.session.flush()
    action = "privacy.consent_given" if given else "privacy.consent_withdrawn"
    await record(ctx, action, resource=f"user:{ctx.user}", details={"purpose": name, "version": version})
    return _standing(purpose, await _last_said(ctx))


async def consent_with_terms(ctx: "Ctx") -> None:
    """Records the consents that are part of the terms, for the context's person who accepts them. What they have said
    themselves stands: new terms take back no withdrawal."""
    said = await _last_said(ctx)
    for purpose in ctx.platform.registry.purposes.values():
        if purpose.presumed and purpose.name not in said:
            await say(ctx, purpose.name, purpose.version, given=True)


async def _last_said(ctx: "Ctx") -> Mapping[str, Consent]:
    rows = await ctx.session.scalars(
        select(Consent)
        .where(Consent.user_id == ctx.user)
        .ext(distinct_on(Consent.purpose))
        .order_by(Consent.purpose, Consent.id.desc())
    )
    return {row.purpose: row for row in rows}


def _standing(purpose: Purpose, said: Mapping[str, Consent]) -> Standing:
    last = said.get(purpose.name)
    if last is None:
        return Standing(purpose, purpose.presumed, None)
    return Standing(purpose, last.given and last.version == purpose.version, last.created_at)
