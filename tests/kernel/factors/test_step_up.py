"""Proving oneself once more: by the strongest that one has, for ten minutes."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from rowhouse.kernel.errors import Unauthorized
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.step_up import prove_session
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.presence import renew_presence
from rowhouse.kit.time import now
from tests.kernel.factors.test_totp import Clock, clock, enrol
from tests.kernel.identity.doubles import (
    OTHER_PASSWORD,
    PASSWORD,
    Caller,
    Mailbox,
    Person,
    bearer,
    code_of,
    context,
    data,
    refusals,
    signed_in,
)
from tests.kernel.identity.fixtures import MakeCaller

__all__ = ["clock"]


async def proved(platform: Platform, person: Person, ago: timedelta | None) -> None:
    """Moves the last proof of all the person's sessions; None means that they were never trusted."""
    async with context(platform, person.identity) as ctx:
        ids = await ctx.session.scalars(
            update(Session)
            .where(Session.user_id == ctx.user)
            .values(authenticated_at=now() - ago if ago is not None else None)
            .returning(Session.id)
        )
        await renew_presence(platform.redis, *ids)


async def is_recent(caller: Caller) -> bool:
    """Whether what is sensitive opens."""
    answer = await caller.post("/mfa/recovery-codes")
    if answer.status_code == 403:
        assert code_of(answer) == (403, "step_up_required")
        return False
    return True


async def test_a_password_opens_it_for_ten_minutes(
    caller: Caller, person: Person, platform: Platform
) -> None:
    await signed_in(caller, person)
    assert await is_recent(caller)
    await proved(platform, person, timedelta(minutes=11))
    assert not await is_recent(caller)
    refused = await caller.post("/step-up", {"password": f"{PASSWORD}!"})
    assert code_of(refused) == (401, "step_up_refused")
    assert code_of(await caller.post("/step-up", {"code": "123456"})) == (401, "step_up_refused")
    assert code_of(await caller.post("/step-up", {})) == (401, "step_up_refused")
    assert not await is_recent(caller)
    answer = await caller.post("/step-up", {"password": PASSWORD})
    assert data(answer)["authenticated_at"]
    assert await is_recent(caller)


@pytest.mark.parametrize(
    ("path", "wrong", "action"),
    [
        ("/step-up", {"password": f"{PASSWORD}!"}, "identity.step_up"),
        ("/password/change", {"old": f"{PASSWORD}!", "new": OTHER_PASSWORD}, "identity.password_change"),
    ],
)
async def test_whoever_guesses_in_a_session_is_recorded_and_told_of(
    make_caller: MakeCaller,
    strict_app: FastAPI,
    person: Person,
    platform: Platform,
    mailbox: Mailbox,
    path: str,
    wrong: dict[str, str],
    action: str,
) -> None:
    token = (await signed_in(await make_caller(strict_app), person))["access_token"]
    statuses = []
    for _ in range(12):
        thief = await make_caller(strict_app)
        statuses.append((await thief.post(path, wrong, headers=bearer(token))).status_code)
    assert statuses == [401] * 10 + [429] * 2
    assert await refusals(platform, person.identity) == [(action, {"asked": ["password"]})] * 10
    assert sum("failed many times" in sentence for sentence in mailbox.kinds(person.email)) == 1


async def test_a_session_that_was_ended_meanwhile_is_not_proved(
    caller: Caller, person: Person, platform: Platform
) -> None:
    """As of a request that passed the edge just before its session was ended."""
    await signed_in(caller, person)
    (session,) = data(await caller.get("/sessions"))
    assert (await caller.delete(f"/sessions/{session['id']}")).status_code == 204
    identity = replace(person.identity, session_id=UUID(session["id"]))
    with pytest.raises(Unauthorized):
        async with context(platform, identity) as ctx:
            await prove_session(ctx, "password")


async def test_who_has_an_app_shows_it_and_a_password_is_not_enough(
    caller: Caller, person: Person, platform: Platform, clock: Clock
) -> None:
    secret, _ = await enrol(caller, person, clock)
    await proved(platform, person, timedelta(minutes=11))
    refused = await caller.post("/step-up", {"password": PASSWORD})
    assert code_of(refused) == (403, "stronger_proof_needed")
    assert code_of(await caller.post("/step-up/mail")) == (403, "stronger_proof_needed")
    assert not await is_recent(caller)
    assert data(await caller.get("/mfa"))["step_up"] == ["totp", "recovery"]
    assert (await caller.post("/step-up", {"code": clock.code(secret)})).status_code == 200
    assert await is_recent(caller)
    await proved(platform, person, timedelta(minutes=11))
    assert (await caller.post("/step-up", {"code": clock.code(secret)})).status_code == 401  # used before


async def test_without_a_password_the_mailbox_proves_it(
    caller: Caller, person: Person, platform: Platform, mailbox: Mailbox
) -> None:
    await signed_in(caller, person)
    async with context(platform, person.identity) as ctx:
        await ctx.session.execute(update(User).where(User.id == ctx.user).values(password_hash=None))
    await proved(platform, person, timedelta(minutes=11))
    assert data(await caller.get("/mfa"))["step_up"] == ["mail"]
    assert (await caller.post("/step-up/mail")).status_code == 204
    (code,) = mailbox.codes(person.email)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert code_of(await caller.post("/step-up", {"code": wrong})) == (401, "step_up_refused")
    assert (await caller.post("/step-up", {"code": code})).status_code == 200
    assert await is_recent(caller)
    assert code_of(await caller.post("/step-up", {"code": code})) == (401, "step_up_refused")


async def test_an_unusual_sign_in_is_not_made_good_by_the_same_password(
    caller: Caller, person: Person, platform: Platform, mailbox: Mailbox
) -> None:
    await signed_in(caller, person)
    await proved(platform, person, None)
    assert not await is_recent(caller)
    refused = await caller.post("/step-up", {"password": PASSWORD})
    assert code_of(refused) == (403, "stronger_proof_needed")
    leaked = await caller.post("/password/change", {"old": PASSWORD, "new": OTHER_PASSWORD})
    assert code_of(leaked) == (403, "step_up_required")
    await caller.post("/step-up/mail")
    assert (await caller.post("/step-up", {"code": mailbox.codes(person.email)[-1]})).status_code == 200
    assert await is_recent(caller)


async def test_one_session_is_proved_and_no_other(
    caller: Caller, make_caller: MakeCaller, person: Person, platform: Platform
) -> None:
    other = await make_caller()
    await signed_in(caller, person)
    await signed_in(other, person)
    await proved(platform, person, timedelta(minutes=11))
    assert (await caller.post("/step-up", {"password": PASSWORD})).status_code == 200
    assert await is_recent(caller)
    assert not await is_recent(other)


async def test_guessing_is_slowed_and_locked(
    make_caller: MakeCaller, strict_app: object, person: Person
) -> None:
    caller = await make_caller(strict_app)
    await signed_in(caller, person)
    codes = [code_of(await caller.post("/step-up", {"password": f"{PASSWORD}{n}"})) for n in range(8)]
    assert codes[0] == (401, "step_up_refused")
    assert codes[-1] == (429, "too_many_attempts")


@pytest.mark.parametrize("path", ["/mfa", "/sessions", "/security-events"])
async def test_ones_own_security_is_no_strangers(caller: Caller, path: str) -> None:
    assert code_of(await caller.get(path)) == (401, "not_authenticated")
