"""Authenticator apps and recovery codes: set up, signed in with, replayed, run out of."""

import asyncio

import pyotp
import pytest
from sqlalchemy import select

from rowhouse.kernel.context import Identity
from rowhouse.kernel.factors import totp as totp_module
from rowhouse.kernel.factors.models import RecoveryCode, Totp
from rowhouse.kernel.platform import Platform
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

STEP_S = 30
START = 1_800_000_000.0


class Clock:
    """The server's clock for codes: it stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def time(self) -> float:
        return self.now

    def code(self, secret: str, steps: int = 0) -> str:
        return pyotp.TOTP(secret).at(int(self.now) + steps * STEP_S)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(totp_module, "time", clock)
    return clock


async def enrol(caller: Caller, person: Person, clock: Clock) -> tuple[str, list[str]]:
    """The secret and the recovery codes; the clock is two steps on, so that no code of then counts as used."""
    await signed_in(caller, person)
    secret = data(await caller.post("/mfa/totp"))["secret"]
    codes = data(await caller.post("/mfa/totp/confirm", {"code": clock.code(secret)}))["recovery_codes"]
    clock.now += 2 * STEP_S
    return secret, codes


async def challenge(caller: Caller, person: Person) -> str:
    answer = await caller.sign_in(person.email)
    assert code_of(answer) == (401, "mfa_required")
    return str(answer.json()["mfa_token"])


async def verify(caller: Caller, token: str, code: str) -> tuple[int, str]:
    answer = await caller.post("/mfa/verify", {"mfa_token": token, "code": code})
    return (200, "") if answer.status_code == 200 else code_of(answer)


async def test_it_is_set_up_confirmed_and_asked_for(
    caller: Caller, make_caller: MakeCaller, person: Person, clock: Clock, mailbox: Mailbox
) -> None:
    await signed_in(caller, person)
    begun = data(await caller.post("/mfa/totp"))
    assert begun["uri"].startswith("otpauth://totp/Rowhouse:")
    assert f"secret={begun['secret']}" in begun["uri"]
    assert (await caller.sign_in(person.email)).status_code == 200  # not in force yet
    wrong = await caller.post("/mfa/totp/confirm", {"code": clock.code(begun["secret"], 5)})
    assert code_of(wrong) == (401, "invalid_code")
    done = await caller.post("/mfa/totp/confirm", {"code": clock.code(begun["secret"])})
    assert len(set(data(done)["recovery_codes"])) == 10
    mfa = data(await caller.get("/mfa"))
    assert (mfa["totp"], mfa["recovery_codes_left"]) == (True, 10)
    clock.now += 2 * STEP_S
    answer = await caller.sign_in(person.email)
    assert code_of(answer) == (401, "mfa_required")
    assert answer.json()["factors"] == ["totp", "recovery"]
    assert await verify(caller, answer.json()["mfa_token"], clock.code(begun["secret"])) == (200, "")
    assert code_of(await caller.post("/mfa/totp")) == (409, "totp_already")
    assert any("authenticator app was added" in sentence for sentence in mailbox.kinds(person.email))


async def test_tokens_come_as_the_sign_in_asked(caller: Caller, person: Person, clock: Clock) -> None:
    secret, _ = await enrol(caller, person, clock)
    del caller.http.headers["Authorization"]
    answer = await caller.sign_in(person.email, cookies=True)
    assert answer.headers.get_list("set-cookie") == []
    body = {"mfa_token": answer.json()["mfa_token"], "code": clock.code(secret)}
    assert data(await caller.post("/mfa/verify", body))["access_token"] is None
    assert (await caller.get("/me")).status_code == 200


async def test_a_code_is_taken_once_and_none_older_than_it(
    caller: Caller, person: Person, clock: Clock
) -> None:
    secret, _ = await enrol(caller, person, clock)
    code, older = clock.code(secret), clock.code(secret, -1)
    assert await verify(caller, await challenge(caller, person), code) == (200, "")
    for replayed in (code, older):
        assert await verify(caller, await challenge(caller, person), replayed) == (401, "invalid_factor")


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_clocks_may_differ_by_one_step(
    caller: Caller, person: Person, clock: Clock, steps: int, taken: bool
) -> None:
    secret, _ = await enrol(caller, person, clock)
    clock.now += 10 * STEP_S
    expected = (200, "") if taken else (401, "invalid_factor")
    assert await verify(caller, await challenge(caller, person), clock.code(secret, steps)) == expected


async def test_of_one_code_used_at_once_one_sign_in_comes(
    caller: Caller, make_caller: MakeCaller, person: Person, clock: Clock
) -> None:
    secret, _ = await enrol(caller, person, clock)
    tokens = [await challenge(caller, person) for _ in range(4)]
    callers = [await make_caller() for _ in tokens]
    found = await asyncio.gather(
        *(verify(one, token, clock.code(secret)) for one, token in zip(callers, tokens, strict=True))
    )
    assert sorted(status for status, _ in found) == [200, 401, 401, 401]


async def test_a_challenge_has_five_tries_and_works_once(
    caller: Caller, person: Person, clock: Clock
) -> None:
    secret, _ = await enrol(caller, person, clock)
    token = await challenge(caller, person)
    wrong = clock.code(secret, 9)
    found = await asyncio.gather(*(verify(caller, token, wrong) for _ in range(7)))
    assert sorted(code for _, code in found) == ["invalid_factor"] * 5 + ["invalid_token"] * 2
    assert await verify(caller, token, clock.code(secret)) == (401, "invalid_token")
    token = await challenge(caller, person)
    assert await verify(caller, token, clock.code(secret)) == (200, "")
    clock.now += 3 * STEP_S
    assert await verify(caller, token, clock.code(secret)) == (401, "invalid_token")


async def test_whoever_has_the_password_can_not_guess_on_with_new_challenges(
    caller: Caller,
    make_caller: MakeCaller,
    strict_app: object,
    person: Person,
    clock: Clock,
    mailbox: Mailbox,
    platform: Platform,
) -> None:
    secret, _ = await enrol(caller, person, clock)
    codes = []
    for _ in range(6):
        thief = await make_caller(strict_app)
        token = (await thief.sign_in(person.email)).json()["mfa_token"]
        codes += [(await verify(thief, token, clock.code(secret, 9)))[1] for _ in range(2)]
    assert codes == ["invalid_factor"] * 10 + ["too_many_attempts"] * 2
    # The guesser has the password already: each failure is in the log, and the person hears of the burst, once.
    assert await refusals(platform, person.identity) == [("identity.sign_in", {"method": "totp"})] * 10
    assert sum("attempts to sign in" in sentence for sentence in mailbox.kinds(person.email)) == 1
    (unlock,) = filter(None, mailbox.tokens(person.email, "security_event"))
    mine = await make_caller(strict_app)
    assert (await mine.post("/unlock", {"token": unlock})).status_code == 204
    token = await challenge(caller, person)
    assert await verify(caller, token, clock.code(secret)) == (200, "")  # where its person has been before


async def test_a_recovery_code_works_once_and_is_told(
    caller: Caller, person: Person, clock: Clock, mailbox: Mailbox
) -> None:
    _, codes = await enrol(caller, person, clock)
    typed = codes[0].upper().replace("-", " ")
    assert await verify(caller, await challenge(caller, person), typed) == (200, "")
    assert await verify(caller, await challenge(caller, person), codes[0]) == (401, "invalid_factor")
    assert data(await caller.get("/mfa"))["recovery_codes_left"] == 9
    assert sum("recovery code was used" in sentence for sentence in mailbox.kinds(person.email)) == 1


async def test_a_wrong_recovery_code_is_in_the_log(
    caller: Caller, person: Person, clock: Clock, platform: Platform
) -> None:
    await enrol(caller, person, clock)
    assert await verify(caller, await challenge(caller, person), "aaaaa-aaaaa") == (401, "invalid_factor")
    assert await refusals(platform, person.identity) == [("identity.sign_in", {"method": "recovery"})]


async def test_a_new_set_makes_the_old_one_void(caller: Caller, person: Person, clock: Clock) -> None:
    _, old = await enrol(caller, person, clock)
    new = data(await caller.post("/mfa/recovery-codes"))["recovery_codes"]
    assert set(new).isdisjoint(old)
    assert await verify(caller, await challenge(caller, person), old[1]) == (401, "invalid_factor")
    assert await verify(caller, await challenge(caller, person), new[1]) == (200, "")


async def test_without_a_factor_there_are_no_recovery_codes(caller: Caller, person: Person) -> None:
    await signed_in(caller, person)
    assert code_of(await caller.post("/mfa/recovery-codes")) == (409, "no_second_factor")
    assert code_of(await caller.post("/mfa/totp/confirm", {"code": "123456"})) == (409, "totp_not_begun")
    assert code_of(await caller.delete("/mfa/totp")) == (404, "not_found")


async def test_removing_it_ends_the_question(caller: Caller, person: Person, clock: Clock) -> None:
    await enrol(caller, person, clock)
    assert (await caller.delete("/mfa/totp")).status_code == 204
    assert data(await caller.get("/mfa"))["recovery_codes_left"] == 0
    assert (await caller.sign_in(person.email)).status_code == 200


async def test_secrets_are_sealed_and_codes_hashed(
    caller: Caller, person: Person, clock: Clock, platform: Platform
) -> None:
    secret, codes = await enrol(caller, person, clock)
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        sealed = await ctx.session.scalar(select(Totp.secret_sealed).where(Totp.user_id == ctx.user))
        digests = (
            await ctx.session.scalars(select(RecoveryCode.digest).where(RecoveryCode.user_id == ctx.user))
        ).all()
    assert sealed is not None
    assert secret not in sealed
    assert platform.sealer.open(sealed).decode() == secret
    assert not {code.replace("-", "") for code in codes} & set(digests)


async def test_a_magic_link_asks_for_it_too_and_a_changed_password_voids_a_challenge(
    caller: Caller, person: Person, clock: Clock, mailbox: Mailbox
) -> None:
    secret, _ = await enrol(caller, person, clock)
    await caller.post("/magic-link", {"email": person.email})
    body = {"token": mailbox.tokens(person.email, "magic_link")[-1]}
    answer = await caller.post("/magic-link/verify", body)
    assert code_of(answer) == (401, "mfa_required")
    change = {"old": PASSWORD, "new": OTHER_PASSWORD}
    assert (await caller.post("/password/change", change)).status_code == 204
    assert await verify(caller, answer.json()["mfa_token"], clock.code(secret)) == (401, "invalid_token")


async def test_an_api_client_gets_tokens_that_work(caller: Caller, person: Person, clock: Clock) -> None:
    secret, _ = await enrol(caller, person, clock)
    body = {"mfa_token": await challenge(caller, person), "code": clock.code(secret)}
    done = data(await caller.post("/mfa/verify", body))
    assert (await caller.get("/me", headers=bearer(done["access_token"]))).status_code == 200
