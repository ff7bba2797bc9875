"""The end of every way to sign in: which account, whether a second factor is still due, and whether all is as usual."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from rowhouse.kernel.audit.recording import record
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.factors.kinds import second_factors
from rowhouse.kernel.factors.proofs import issue_proof
from rowhouse.kernel.http.edge import STRONG
from rowhouse.kernel.identity.devices_cookie import device_id_of, write_device
from rowhouse.kernel.identity.errors import BY_MAIL, NoActiveAccount
from rowhouse.kernel.organizations.errors import OrganizationProvisioning
from rowhouse.kernel.organizations.service import OWNER, hold_membership, list_own_accounts
from rowhouse.kernel.security.devices import recognize
from rowhouse.kernel.security.events import raised_lately
from rowhouse.kernel.sessions.acting import acting_as
from rowhouse.kernel.sessions.service import Method, SignedIn, last_account, start_session

CHALLENGE_LIFE = timedelta(minutes=5)
WARY = timedelta(hours=1)
"""After a burst of failures whoever gets in, from wherever, may have guessed."""


@dataclass(frozen=True, slots=True)
class MfaChallenge:
    """A sign-in that waits for its second factor: `token` goes to POST /auth/mfa/verify, `factors` are those that the
    person has (`totp`, `recovery`, `passkey`)."""

    token: str
    factors: Sequence[str]


@dataclass(frozen=True, slots=True)
class How:
    """How a session is asked for: by a `browser`, which may `stay` signed in, and which shows its `device` cookie."""

    browser: bool
    stay: bool
    device: str | None = None


async def complete_sign_in(
    ctx: Ctx,
    user_id: UUID,
    *,
    methods: Sequence[Method],
    browser: bool,
    stay: bool,
    device: str | None = None,
) -> SignedIn | MfaChallenge:
    """Begins a session for a person who has proved who they are by `methods`, or asks for their second factor where
    they have one and none of the methods is strong. It acts as the account that they used last. `device` is the device cookie as it came. Raises
    `NoActiveAccount`, or `OrganizationProvisioning` where one of theirs will be active in a moment.

    A challenge is written in the caller's transaction: it must commit, so answer with `answered` and don't raise.
    """
    ctx = await acting_as(ctx, Identity(user_id=user_id))
    own = await list_own_accounts(ctx)
    usable = [one for one in own if one.usable]
    if not usable:
        if any(one.awaited for one in own):
            raise OrganizationProvisioning
        restorable = any((one.role, one.organization_state) == (OWNER, "deleted") for one in own)
        raise NoActiveAccount(BY_MAIL if restorable else None)
    last = await last_account(ctx) if len(usable) > 1 else None
    account = next((one for one in usable if one.id == last), usable[0])
    strong = not STRONG.isdisjoint(methods)
    factors = [] if strong else await second_factors(ctx)
    if factors:
        details = {"methods": list(methods), "browser": browser, "stay": stay}
        issued = await issue_proof(ctx, "mfa", CHALLENGE_LIFE, details)
        return MfaChallenge(issued.token, factors)
    ctx = await acting_as(ctx, Identity(account.organization_id, user_id, account.id, role=account.role))
    if not await hold_membership(ctx):
        raise NoActiveAccount
    seen = await recognize(ctx, device_id_of(ctx.platform.sealer, device))
    done = await start_session(
        ctx,
        browser=browser,
        stay=stay,
        methods=methods,
        trusted=strong or not (seen.unusual or await raised_lately(ctx, "failures", WARY)),
        holds=account.holds,
    )
    await record(ctx, "identity.signed_in", resource=f"user:{user_id}", details={"methods": list(methods)})
    return replace(done, device=write_device(ctx.platform.sealer, seen.device_id))
