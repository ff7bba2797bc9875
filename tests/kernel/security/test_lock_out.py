"""Locking out whoever guesses, in both directions: strangers can't keep the person out, nor go on guessing."""

import asyncio
import secrets
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from rowhouse.kernel.context import NOBODY, RequestInfo
from rowhouse.kernel.identity.devices_cookie import DEVICE_COOKIE
from rowhouse.kernel.identity.errors import TooManyAttempts
from rowhouse.kernel.identity.lockout import STRANGERS, begin_attempt, let_strangers_in, succeeded
from rowhouse.kernel.identity.unlocking import raise_lock_out
from rowhouse.kernel.limits.attempts import Allowance, count_tries, forget_tries, give_back
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import attempts_key
from rowhouse.kernel.security.models import SecurityEvent
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.kernel.identity.doubles import (
    PASSWORD,
    Caller,
    Mailbox,
    Person,
    code_of,
    context,
    new_email,
    signed_in,
)
from tests.kernel.identity.fixtures import MakeCaller, MakePerson

WRONG = f"{PASSWORD}!"


async def attacked(make_caller: MakeCaller, app: FastAPI, email: str, tries: int) -> list[tuple[int, str]]:
    """What so many guesses from as many addresses are answered."""
    return [code_of(await (await make_caller(app)).sign_in(email, WRONG)) for _ in range(tries)]


async def test_strangers_are_locked_out_wherever_they_come_from(
    make_caller: MakeCaller, strict_app: FastAPI, person: Person, mailbox: Mailbox
) -> None:
    answers = await attacked(make_caller, strict_app, person.email, 10)
    assert set(answers) == {(401, "invalid_credentials")}
    stranger = await make_caller(strict_app)
    answer = await stranger.sign_in(person.email)  # even with the right password
    assert code_of(answer)[0] == 429
    assert int(answer.headers["Retry-After"]) > 0


async def test_the_person_signs_in_on_a_known_device_meanwhile(
    make_caller: MakeCaller, strict_app: FastAPI, person: Person, mailbox: Mailbox
) -> None:
    mine = await make_caller(strict_app)
    await mine.sign_in(person.email, cookies=True)
    cookie = mine.http.cookies[DEVICE_COOKIE]
    await attacked(make_caller, strict_app, person.email, 12)
    elsewhere = await make_caller(strict_app)
    assert (await elsewhere.sign_in(person.email)).status_code == 429
    elsewhere.http.cookies.set(DEVICE_COOKIE, cookie)
    assert (await elsewhere.sign_in(person.email)).status_code == 200
    assert (await mine.sign_in(person.email)).status_code == 200


async def test_an_address_of_before_has_its_own_allowance(
    make_caller: MakeCaller, strict_app: FastAPI, person: Person, mailbox: Mailbox
) -> None:
    mine = await make_caller(strict_app)
    await signed_in(mine, person)  # no cookie kept: an API client
    await attacked(make_caller, strict_app, person.email, 12)
    assert (await mine.sign_in(person.email)).status_code == 200


async def test_a_device_cookie_of_somebody_else_or_forged_opens_nothing(
    make_caller: MakeCaller, strict_app: FastAPI, person: Person, mailbox: Mailbox, platform: Platform
) -> None:
    await attacked(make_caller, strict_app, person.email, 10)
    for cookie in (f"{secrets.token_hex(16)}.{'0' * 64}", "nonsense", ""):
        stranger = await make_caller(strict_app)
        stranger.http.cookies.set(DEVICE_COOKIE, cookie)
        assert (await stranger.sign_in(person.email)).status_code == 429


async def test_a_success_forgets_ones_own_failures_before_it(strict_app: FastAPI) -> None:
    """On a known device: its tries count together wherever it is, and none of those before its last success."""
    email, device = new_email(), f"device {secrets.token_hex(16)}"

    async def tried(number: int, *, well: bool) -> None:
        info = RequestInfo(id="test", client_address=f"2001:db8:{number:x}::1")
        async with open_context(strict_app.state.platform, NOBODY, info) as ctx:
            attempt = await begin_attempt(ctx, email, device, signing_in=True)
            if well:
                await succeeded(ctx, attempt)

    for number in range(16):
        await tried(number, well=number % 8 == 7)
    for number in range(16, 26):
        await tried(number, well=False)
    with pytest.raises(TooManyAttempts):
        await tried(26, well=True)


async def test_strangers_who_are_let_in_begin_anew(strict_app: FastAPI) -> None:
    email, info = new_email(), RequestInfo(id="test", client_address="2001:db8:77::1")
    async with open_context(strict_app.state.platform, NOBODY, info) as ctx:
        for _ in range(10):
            await begin_attempt(ctx, email, STRANGERS, signing_in=True)
        with pytest.raises(TooManyAttempts):
            await begin_attempt(ctx, email, STRANGERS, signing_in=True)
        await let_strangers_in(ctx, email)
        await begin_attempt(ctx, email, STRANGERS, signing_in=True)


async def test_the_mailed_link_ends_it_and_has_the_browser_known(
    make_caller: MakeCaller, strict_app: FastAPI, person: Person, mailbox: Mailbox
) -> None:
    await attacked(make_caller, strict_app, person.email, 10)
    (token,) = mailbox.tokens(person.email, "security_event")[-1:]
    mine = await make_caller(strict_app)
    answer = await mine.post("/unlock", {"token": token})
    assert answer.status_code == 204
    assert DEVICE_COOKIE in answer.headers["set-cookie"]
    assert (await mine.sign_in(person.email)).status_code == 200
    await attacked(make_caller, strict_app, person.email, 12)
    assert (await mine.sign_in(person.email)).status_code == 200
    assert code_of(await mine.post("/unlock", {"token": token})) == (401, "invalid_token")


async def test_a_lock_out_is_told_once(
    make_caller: MakeCaller, strict_app: FastAPI, person: Person, mailbox: Mailbox
) -> None:
    await attacked(make_caller, strict_app, person.email, 16)
    assert sum("attempts to sign in" in sentence for sentence in mailbox.kinds(person.email)) == 1


async def test_nobody_is_told_of_one_at_an_address_that_was_not_proved(
    make_caller: MakeCaller, strict_app: FastAPI, make_person: MakePerson, mailbox: Mailbox
) -> None:
    stranger = await make_person(verified=False)
    answers = await attacked(make_caller, strict_app, stranger.email, 12)
    assert (answers[0][0], answers[-1][0]) == (401, 429)
    assert mailbox.letters == []


async def test_who_gets_in_after_a_burst_proves_themselves_even_where_they_are_known(
    caller: Caller, person: Person, mailbox: Mailbox, platform: Platform
) -> None:
    await signed_in(caller, person)
    assert (await caller.post("/mfa/totp")).status_code == 200
    async with context(platform, person.identity) as ctx:
        await raise_lock_out(ctx)
    await signed_in(caller, person)
    assert code_of(await caller.post("/mfa/totp")) == (403, "step_up_required")
    assert (await caller.post("/step-up/mail")).status_code == 204
    code = mailbox.codes(person.email)[-1]
    assert (await caller.post("/step-up", {"code": code})).status_code == 200
    assert (await caller.post("/mfa/totp")).status_code == 200


@pytest.mark.parametrize(("minutes", "status"), [(59, 403), (61, 200)])
async def test_a_burst_counts_for_an_hour(
    caller: Caller, person: Person, platform: Platform, minutes: int, status: int
) -> None:
    async with context(platform, person.identity) as ctx:
        then = now() - timedelta(minutes=minutes)
        burst = SecurityEvent(
            user_id=ctx.user, kind="failures", client_address="", user_agent="", created_at=then
        )
        ctx.session.add(burst)
    await signed_in(caller, person)
    assert (await caller.post("/mfa/totp")).status_code == status


async def test_unknown_emails_are_locked_alike(
    make_caller: MakeCaller, strict_app: FastAPI, person: Person, mailbox: Mailbox
) -> None:
    known = await attacked(make_caller, strict_app, person.email, 12)
    unknown = await attacked(make_caller, strict_app, new_email(), 12)
    assert known == unknown


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/register", {"password": PASSWORD, "name": "Ada Byron"}),
        ("/resend-code", {}),
        ("/verify-email", {"code": "000000"}),
        ("/magic-link", {}),
        ("/magic-link/verify", {"code": "000000"}),
        ("/password/forgot", {}),
        ("/login", {"password": WRONG}),
    ],
)
async def test_whatever_names_an_email_counts_for_it_from_wherever_it_comes(
    make_caller: MakeCaller, strict_app: FastAPI, mailbox: Mailbox, path: str, more: dict[str, str]
) -> None:
    body = {"email": new_email()} | more
    callers = [await make_caller(strict_app) for _ in range(13)]
    answers = await asyncio.gather(*(caller.post(path, body) for caller in callers))
    assert sorted(answer.status_code for answer in answers)[-3:] == [429] * 3
    assert sum(answer.status_code == 429 for answer in answers) == 3


async def test_one_address_slows_down(
    make_caller: MakeCaller, strict_app: FastAPI, person: Person, mailbox: Mailbox
) -> None:
    stranger = await make_caller(strict_app)
    waits = []
    for _ in range(12):
        answer: httpx.Response = await stranger.sign_in(person.email, WRONG)
        waits.append((answer.status_code, answer.headers.get("Retry-After")))
    assert [status for status, _ in waits[:10]] == [401] * 10
    assert all(status == 429 and int(after) > 0 for status, after in waits[10:])


async def test_one_network_trying_many_accounts_has_to_wait(platform: Platform, strict_app: FastAPI) -> None:
    prefix = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}"
    strict = strict_app.state.platform
    refused = 0
    for n in range(110):
        info = RequestInfo(id="test", client_address=f"{prefix}::{n:x}")
        async with open_context(strict, NOBODY, info) as ctx:
            try:
                await begin_attempt(ctx, new_email(), STRANGERS)
            except TooManyAttempts:
                refused += 1
    assert refused == 10


async def test_magic_links_go_on_while_passwords_are_locked(
    make_caller: MakeCaller, strict_app: FastAPI, person: Person, mailbox: Mailbox
) -> None:
    await attacked(make_caller, strict_app, person.email, 10)
    mine = await make_caller(strict_app)
    # Strangers' requests of a minute are counted together; the mailed link makes this browser no stranger.
    token = mailbox.tokens(person.email, "security_event")[-1]
    await mine.post("/unlock", {"token": token})
    assert (await mine.post("/magic-link", {"email": person.email})).status_code == 202
    link = mailbox.tokens(person.email, "magic_link")[-1]
    assert (await mine.post("/magic-link/verify", {"token": link})).status_code == 200


@pytest.fixture
def subject() -> str:
    return secrets.token_hex(8)


async def test_delays_grow_up_to_the_longest(platform: Platform, subject: str) -> None:
    waits = []
    for tries in range(1, 7):
        allowance = Allowance("t", 2, 10, 60, 600)
        found = await count_tries(platform.redis, [(allowance, f"{subject}{tries}")])
        assert (found.wait_s, found.tries) == (0, [1])
        for _ in range(tries - 1):  # as if each wait were over
            key = attempts_key("t", f"{subject}{tries}")
            await platform.redis.hset(key, "until", "0")
            await count_tries(platform.redis, [(allowance, f"{subject}{tries}")])
        waits.append((await count_tries(platform.redis, [(allowance, f"{subject}{tries}")])).wait_s)
    assert waits[0] == 0
    assert all(abs(a - b) <= 1 for a, b in zip(waits[1:], [10, 20, 40, 60, 60], strict=True))


async def test_what_is_forgotten_or_given_back_counts_no_more(platform: Platform, subject: str) -> None:
    of = [(Allowance("t", 1, 60, 60, 600), subject)]
    await count_tries(platform.redis, of)
    assert (await count_tries(platform.redis, of)).wait_s > 0
    await give_back(platform.redis, of)
    assert (await count_tries(platform.redis, of)).tries == [1]
    await forget_tries(platform.redis, of)
    assert (await count_tries(platform.redis, of)).tries == [1]
