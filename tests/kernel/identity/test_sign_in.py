"""Signing in, over HTTP."""

import asyncio

import bcrypt
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from rowhouse.kernel.context import Identity
from rowhouse.kernel.db.binding import as_binding
from rowhouse.kernel.identity import guessing
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.passwords import verify_password
from rowhouse.kernel.organizations.models import Account, Organization
from rowhouse.kernel.organizations.service import lock_organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions.models import Session
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
    new_email,
)
from tests.kernel.identity.fixtures import MakeCaller
from tests.locks import until_it_waits_for


async def sessions_of(platform: Platform, person: Person) -> int:
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        return await ctx.session.scalar(select(func.count()).select_from(Session)) or 0


async def test_email_and_password_begin_a_session(caller: Caller, person: Person) -> None:
    signed_in = data(await caller.sign_in(person.email.upper()))
    assert signed_in["refresh_token"].startswith("rt_")
    assert signed_in["account"] == {
        "id": str(person.identity.account_id),
        "organization_id": str(person.identity.organization_id),
        "role": "owner",
    }
    assert (await caller.get("/me", headers=bearer(signed_in["access_token"]))).status_code == 200


async def test_every_sign_in_is_a_session_of_its_own(
    caller: Caller, person: Person, platform: Platform
) -> None:
    first, second = data(await caller.sign_in(person.email)), data(await caller.sign_in(person.email))
    claims = [await platform.tokens.verify(one["access_token"]) for one in (first, second)]
    assert claims[0].session_id != claims[1].session_id


async def test_an_unknown_email_and_a_wrong_password_look_the_same(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    wrong = await caller.sign_in(person.email, OTHER_PASSWORD)
    unknown = await caller.sign_in(new_email(), OTHER_PASSWORD)
    bodies = [{k: v for k, v in a.json().items() if k != "request_id"} for a in (wrong, unknown)]
    assert bodies[0] == bodies[1]
    assert code_of(wrong) == code_of(unknown) == (401, "invalid_credentials")
    headers = [
        {k for k in a.headers if not k.startswith(("x-ratelimit", "ratelimit", "x-request-id"))}
        for a in (wrong, unknown)
    ]
    assert headers[0] == headers[1]


@pytest.mark.parametrize("elapsed_s", [0.0, 0.1, 0.49, 0.51, 1.7])
async def test_answers_wait_for_a_whole_number_of_half_seconds(
    elapsed_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def sleep(delay_s: float) -> None:
        waited.append(delay_s)

    monkeypatch.setattr(guessing, "QUANTUM_S", 0.5)
    monkeypatch.setattr("asyncio.sleep", sleep)
    monkeypatch.setattr("time.monotonic", lambda: 1000.0 + elapsed_s)
    await guessing.evenly(1000.0)
    (delay_s,) = waited
    assert 0 < delay_s <= 0.5
    assert (elapsed_s + delay_s) / 0.5 == pytest.approx(round((elapsed_s + delay_s) / 0.5))


async def test_known_and_unknown_emails_are_answered_evenly(
    caller: Caller, person: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = 0

    async def evenly(_started: float) -> None:
        nonlocal waits
        waits += 1

    monkeypatch.setattr("rowhouse.kernel.identity.sign_in.evenly", evenly)
    monkeypatch.setattr("rowhouse.kernel.identity.registration.evenly", evenly)
    for email in (person.email, new_email()):
        waits = 0
        await caller.sign_in(email, OTHER_PASSWORD)
        await caller.sign_up(email)
        await caller.post("/resend-code", {"email": email})
        await caller.post("/verify-email", {"email": email, "code": "000000"})
        assert waits == 4


async def test_register_and_resend_answer_alike_for_known_and_unknown(
    caller: Caller, make_caller: MakeCaller, person: Person, mailbox: Mailbox
) -> None:
    pending, unknown = new_email(), new_email()
    await caller.sign_up(pending)
    for path, more in (("/register", {"password": OTHER_PASSWORD, "name": "Eve"}), ("/resend-code", {})):
        shapes = []
        for email in (person.email, pending, unknown):
            answer = await (await make_caller()).post(path, {"email": email} | more)
            told = data(answer)
            told["registration"] = len(told.get("registration", ""))
            shapes.append((answer.status_code, told | {"email": told["email"] == email}, len(answer.headers)))
        assert shapes[0] == shapes[1] == shapes[2]


async def test_a_wrong_code_looks_the_same_for_everyone(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    pending = new_email()
    await caller.sign_up(pending)
    bodies = []
    for email in (pending, person.email, new_email()):
        answer = await caller.post("/verify-email", {"email": email, "code": "000000"})
        bodies.append({k: v for k, v in answer.json().items() if k != "request_id"})
    assert bodies[0] == bodies[1] == bodies[2]


async def test_a_bcrypt_hash_is_upgraded_at_sign_in(
    caller: Caller, person: Person, platform: Platform
) -> None:
    identity = Identity(user_id=person.identity.user_id)
    imported = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    async with context(platform, identity) as ctx:
        await ctx.session.execute(update(User).where(User.id == ctx.user).values(password_hash=imported))
    assert (await caller.sign_in(person.email)).status_code == 200
    async with context(platform, identity) as ctx:
        stored = await ctx.session.scalar(select(User.password_hash).where(User.id == ctx.user))
    assert (stored or "").startswith("$argon2id$")
    assert (await caller.sign_in(person.email)).status_code == 200


async def test_ten_tries_a_minute_at_one_account_wherever_they_come_from(
    make_caller: MakeCaller, person: Person, strict_app: FastAPI
) -> None:
    callers = [await make_caller(strict_app) for _ in range(12)]
    answers = await asyncio.gather(*(one.sign_in(person.email, OTHER_PASSWORD) for one in callers))
    assert sorted(a.status_code for a in answers) == [401] * 10 + [429] * 2
    refused = next(a for a in answers if a.status_code == 429)
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert (await (await make_caller(strict_app)).sign_in(person.email)).status_code == 429


async def test_ten_tries_a_minute_from_one_address(make_caller: MakeCaller, strict_app: FastAPI) -> None:
    caller = await make_caller(strict_app)
    answers = await asyncio.gather(*(caller.sign_in(new_email()) for _ in range(12)))
    assert sorted(a.status_code for a in answers) == [401] * 10 + [429] * 2


@pytest.mark.parametrize("what", ["organization", "account"])
async def test_without_an_active_account_nobody_gets_in(
    caller: Caller, person: Person, platform: Platform, what: str
) -> None:
    async with context(platform, person.identity) as ctx:
        model = Organization if what == "organization" else Account
        await ctx.session.execute(update(model).values(state="suspended"))
    assert code_of(await caller.sign_in(person.email)) == (403, "no_active_account")
    assert code_of(await caller.sign_in(person.email, OTHER_PASSWORD)) == (401, "invalid_credentials")


async def test_a_suspended_person_is_told_nothing(caller: Caller, person: Person, platform: Platform) -> None:
    async with context(platform, person.identity) as ctx:
        await ctx.session.execute(update(User).where(User.id == ctx.user).values(state="suspended"))
    assert code_of(await caller.sign_in(person.email)) == (401, "invalid_credentials")


async def test_a_failing_commit_is_a_failure_and_leaves_no_session(
    caller: Caller, person: Person, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = AsyncSession.commit

    async def fail(self: AsyncSession) -> None:
        if as_binding(self.info).account_id is None:
            await commit(self)
            return
        await self.rollback()
        raise OperationalError("COMMIT", {}, ConnectionError("gone"))

    with monkeypatch.context() as patch:
        patch.setattr(AsyncSession, "commit", fail)
        answer = await caller.sign_in(person.email, cookies=True)
    assert answer.status_code >= 500
    assert "set-cookie" not in answer.headers
    assert await sessions_of(platform, person) == 0


async def test_a_password_changed_meanwhile_begins_no_session(
    caller: Caller, person: Person, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:

    async def verify_then_change(password: str, stored: str | None) -> tuple[bool, str | None]:
        answer = await verify_password(password, stored)
        async with context(platform, person.identity) as ctx:
            await ctx.session.execute(
                update(User).where(User.id == ctx.user).values(password_hash="$argon2id$new")
            )
        return answer

    monkeypatch.setattr("rowhouse.kernel.identity.sign_in.verify_password", verify_then_change)
    assert code_of(await caller.sign_in(person.email)) == (401, "invalid_credentials")
    assert await sessions_of(platform, person) == 0


@pytest.mark.parametrize("by_mail", [False, True])
async def test_whoever_holds_the_organization_may_write_of_who_signs_in_meanwhile(
    caller: Caller, person: Person, mailbox: Mailbox, platform: Platform, by_mail: bool
) -> None:
    path, body = "/login", {"email": person.email, "password": PASSWORD}
    if by_mail:
        await caller.post("/magic-link", {"email": person.email})
        path, body = "/magic-link/verify", {"email": person.email, "code": mailbox.codes(person.email)[-1]}
    async with context(platform, person.identity) as holding:
        await lock_organization(holding)
        asking = asyncio.create_task(caller.post(path, body))
        await until_it_waits_for(asking, holding)
        assert not asking.done()
        # What a row that refers to the person takes: if that had to wait, too, neither would go on.
        key = select(User.id).where(User.id == holding.user)
        assert await holding.session.scalar(key.with_for_update(read=True, key_share=True, nowait=True))
    assert (await asking).status_code == 200


@pytest.mark.parametrize(
    "body", ['{"email": "a@example.com", "password": "\\ud800"}', "[]", '{"email": 1}', "{"]
)
async def test_a_broken_body_is_invalid_input(caller: Caller, body: str) -> None:
    answer = await caller.http.post(
        "/api/v1/auth/login", content=body, headers={"Content-Type": "application/json"}
    )
    assert code_of(answer) == (422, "invalid_input")


async def test_a_form_from_another_site_cannot_sign_anybody_in(caller: Caller, person: Person) -> None:
    answer = await caller.http.post(
        "/api/v1/auth/login",
        content=f'{{"email": "{person.email}", "password": "{PASSWORD}", "cookies": true}}',
        headers={"Content-Type": "text/plain"},
    )
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers
