"""Locking out whoever guesses, and not the person whose account it is.

Tries are counted for each *source* of them: a device or an address that the person has signed in with before has an
allowance of its own; all strangers share one. So a stranger who fails on purpose locks out strangers alone. Besides,
one address slows down with each account it fails at, and with all accounts together. Unknown emails count alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from uuid import UUID

from rowhouse.kernel.context import NOBODY, Ctx, Identity
from rowhouse.kernel.identity.devices_cookie import device_id_of
from rowhouse.kernel.identity.errors import TooManyAttempts
from rowhouse.kernel.identity.guessing import Login, count_guess, find_login
from rowhouse.kernel.limits.attempts import Allowance, Subject, count_tries, forget_tries, give_back
from rowhouse.kernel.security.devices import how_known
from rowhouse.kernel.sessions.acting import acting_as, apart
from rowhouse.kernel.watch.decoys import decoys
from rowhouse.kit.ids import uuid7

HOUR_S = 3600
STRANGERS = "strangers"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who seems to ask, before anything is proved: the person with that email if there is one, and the source."""

    key: str
    found: Login | None
    source: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One counted try. `own` counters are those of its source at this secret alone, `shared` ones count others' tries
    too. `locks`: if it fails, its source is locked out, for the first time in a while."""

    own: Sequence[Subject]
    shared: Sequence[Subject]
    locks: bool


async def who_asks(ctx: Ctx, key: str, device: str | None) -> Asking:
    """Looks an email up, in a transaction of its own: the same statements for a known one and an unknown one."""
    async with apart(ctx, NOBODY) as own:
        found = await find_login(own, key)
        if found is not None and decoys:
            decoys.touch((found.user_id,), request=ctx.request, method="POST", route="by email")
        person = await acting_as(own, Identity(user_id=found.user_id if found else uuid7()))
        return Asking(key, found, await source_of(person, device))


async def source_of(ctx: Ctx, device: str | None) -> str:
    """The source of a try at the context's person's account."""
    device_id = device_id_of(ctx.platform.sealer, device)
    known = await how_known(ctx, device_id)
    if known == "device":
        return f"device {device_id}"
    return f"address {ctx.request.client_address}" if known == "address" else STRANGERS


async def count_request(ctx: Ctx, asking: Asking) -> None:
    """Counts a request about one account for its source: strangers can't use up what its person may ask."""
    await count_guess(ctx, f"{asking.key} {asking.source}")


async def begin_attempt(ctx: Ctx, key: str, source: str, *, signing_in: bool = False) -> Attempt:
    """Counts a try at a secret of `key`. Raises `TooManyAttempts` while its source or address has to wait: when
    `signing_in` not before the limit of a minute is used up, otherwise after half of it."""
    lock, address = _lock(ctx), ctx.request.client_address
    slowing = _slowing(ctx, signing_in=signing_in)
    of_source, of_pair = (lock, f"{key} {source}"), (slowing, f"{key} {address}")
    of_address = (_sweeping(ctx), _network(address))
    tried = await count_tries(ctx.platform.redis, [of_source, of_pair, of_address])
    if tried.wait_s > 0:
        raise TooManyAttempts(tried.wait_s)
    locks = tried.tries[0] == lock.free
    if source == STRANGERS:
        return Attempt([of_pair], [of_source, of_address], locks)
    return Attempt([of_source, of_pair], [of_address], locks)


async def succeeded(ctx: Ctx, attempt: Attempt) -> None:
    """Forgets the failures before a success, but none of other accounts or of other strangers."""
    await forget_tries(ctx.platform.redis, attempt.own)
    await give_back(ctx.platform.redis, attempt.shared)


async def let_strangers_in(ctx: Ctx, key: str) -> None:
    """Ends the lock-out of strangers, and the caller's own."""
    address = ctx.request.client_address
    subjects = [(_lock(ctx), f"{key} {STRANGERS}"), (_slowing(ctx, signing_in=True), f"{key} {address}")]
    await forget_tries(ctx.platform.redis, subjects)


def second_factor_of(user_id: UUID) -> str:
    """The key under which tries at a person's second factor count."""
    return f"factor {user_id}"


def _lock(ctx: Ctx) -> Allowance:
    return Allowance("lock", ctx.platform.settings.limits_auth, 15 * 60, HOUR_S, HOUR_S)


def _slowing(ctx: Ctx, *, signing_in: bool) -> Allowance:
    limit = ctx.platform.settings.limits_auth
    return Allowance("slow", limit if signing_in else limit // 2 or 1, 1, 60, HOUR_S)


def _sweeping(ctx: Ctx) -> Allowance:
    """For one address trying many accounts."""
    return Allowance("sweep", ctx.platform.settings.limits_auth * 10, 60, HOUR_S, HOUR_S)


def _network(address: str) -> str:
    """Whose address it is: of IPv6, a customer has a /64 at least."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)
