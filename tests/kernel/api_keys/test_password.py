"""What becomes of a person's API keys when their password is reset or changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from rowhouse.kernel.access.models import ApiKey
from rowhouse.kernel.api_keys import service
from rowhouse.kernel.api_keys.ending import list_living_keys
from rowhouse.kernel.errors import Unauthorized
from rowhouse.kernel.platform import Platform
from rowhouse.kit.time import now
from tests.kernel.identity.doubles import (
    OTHER_PASSWORD,
    PASSWORD,
    Caller,
    Mailbox,
    Person,
    bearer,
    context,
    data,
    signed_in,
)
from tests.kernel.identity.fixtures import (
    MakeCaller,
    MakePerson,
    caller,
    mailbox,
    make_caller,
    make_person,
    person,
    quick_refusals,
)
from tests.kernel.sessions.doubles import join

__all__ = ["caller", "mailbox", "make_caller", "make_person", "person", "quick_refusals"]


@pytest.fixture
async def keys(platform: Platform, person: Person, make_person: MakePerson) -> Sequence[str]:
    """A key of the person at home and one in somebody else's organization."""
    elsewhere = await join(platform, person, await make_person())
    made = []
    for identity, name in ((person.identity, "Nightly"), (elsewhere, "Report")):
        async with context(platform, identity) as ctx:
            made.append((await service.make_key(ctx, name, ["kernel.jobs.read"]))["key"])
    return made


async def work(caller: Caller, keys: Sequence[str]) -> list[bool]:
    answers = [await caller.http.get("/api/v1/jobs", headers=bearer(key)) for key in keys]
    assert {answer.status_code for answer in answers} <= {200, 401}
    return [answer.status_code == 200 for answer in answers]


@pytest.mark.parametrize(("more", "lives"), [({}, False), ({"end_api_keys": False}, True)])
async def test_a_reset_ends_them_everywhere_unless_told_not_to(
    caller: Caller, person: Person, mailbox: Mailbox, keys: Sequence[str], more: dict[str, Any], lives: bool
) -> None:
    assert await work(caller, keys) == [True, True]
    await caller.post("/password/forgot", {"email": person.email})
    token = mailbox.tokens(person.email, "password_reset")[-1]
    body = {"token": token, "password": OTHER_PASSWORD}
    assert (await caller.post("/password/reset", body | {"password": "short"} | more)).status_code == 422
    assert await work(caller, keys) == [True, True]
    assert (await caller.post("/password/reset", body | more)).status_code == 204
    assert await work(caller, keys) == [lives, lives]
    said = mailbox.kinds(person.email)[-1]
    assert ("ended with it: 2." in said) != lives
    assert ("“Nightly” in Ada Byron, “Report” in Ada Byron" in said) == lives


@pytest.mark.parametrize(("more", "lives"), [({}, True), ({"end_api_keys": True}, False)])
async def test_a_change_keeps_them_unless_told_not_to_and_says_so(
    caller: Caller, person: Person, mailbox: Mailbox, keys: Sequence[str], more: dict[str, Any], lives: bool
) -> None:
    await signed_in(caller, person)
    body = {"old": PASSWORD, "new": OTHER_PASSWORD}
    assert (await caller.post("/password/change", body | more)).status_code == 204
    assert await work(caller, keys) == [lives, lives]
    (event,) = data(await caller.get("/security-events"))
    assert event["details"] == ({"api_keys_kept": 2} if lives else {"api_keys_ended": 2})
    assert ("go on working" in mailbox.kinds(person.email)[-1]) == lives
    # The session is still that of the account which it was.
    assert data(await caller.get("/me"))["account"]["id"] == str(person.identity.account_id)


async def test_nobody_elses_key_is_ended(
    caller: Caller, make_caller: MakeCaller, make_person: MakePerson, person: Person, platform: Platform,
    mailbox: Mailbox, keys: Sequence[str],
) -> None:  # fmt: skip
    other = await make_person()
    async with context(platform, await join(platform, other, person)) as ctx:
        theirs = (await service.make_key(ctx, "Theirs", ["kernel.jobs.read"]))["key"]
    await caller.post("/password/forgot", {"email": person.email})
    token = mailbox.tokens(person.email, "password_reset")[-1]
    await caller.post("/password/reset", {"token": token, "password": OTHER_PASSWORD})
    assert await work(caller, [*keys, theirs]) == [False, False, True]


async def test_what_has_run_out_is_no_living_key(person: Person, platform: Platform) -> None:
    async with context(platform, person.identity) as ctx:
        await service.make_key(ctx, "Nightly", ["kernel.jobs.read"])
    async with context(platform, person.identity) as ctx:
        assert [key.name for key in await list_living_keys(ctx)] == ["Nightly"]
        over = update(ApiKey).where(ApiKey.organization_id == ctx.org, ApiKey.account_id == ctx.account)
        await ctx.session.execute(over.values(expires_at=now() - timedelta(seconds=1)))
        assert await list_living_keys(ctx) == []


async def test_a_session_that_was_ended_meanwhile_makes_no_key(
    caller: Caller, make_caller: MakeCaller, person: Person, platform: Platform
) -> None:
    """As of a request that passed the edge just before the reset that ended its session was committed. Another session
    of the person's, which lives, doesn't help."""
    await signed_in(await make_caller(), person)
    await signed_in(caller, person)
    (session,) = [one for one in data(await caller.get("/sessions")) if one["current"]]
    identity = replace(person.identity, session_id=UUID(session["id"]))
    async with context(platform, identity) as ctx:
        await service.make_key(ctx, "Early", ["kernel.jobs.read"])
    assert (await caller.delete(f"/sessions/{session['id']}")).status_code == 204
    with pytest.raises(Unauthorized):
        async with context(platform, identity) as ctx:
            await service.make_key(ctx, "Late", ["kernel.jobs.read"])
