"""Signing in by mail: either key once, one winner of a race, nothing told, nothing used up by looking."""

import asyncio
from datetime import timedelta

import pytest

from rowhouse.kernel.identity import magic
from rowhouse.kernel.platform import Platform
from tests.kernel.identity.doubles import (
    Caller,
    Mailbox,
    Person,
    bearer,
    code_of,
    data,
    new_email,
    refusals,
)
from tests.kernel.identity.fixtures import MakeCaller

VERIFY = "/magic-link/verify"


async def ask(caller: Caller, email: str) -> None:
    answer = await caller.post("/magic-link", {"email": email})
    assert (answer.status_code, answer.json()) == (202, {"data": {"email": email}})


async def test_either_key_signs_in_and_uses_up_both(caller: Caller, person: Person, mailbox: Mailbox) -> None:
    for key in ("code", "token"):
        await ask(caller, person.email)
        code, token = mailbox.codes(person.email)[-1], mailbox.tokens(person.email, "magic_link")[-1]
        bodies = {"code": {"email": person.email, "code": code}, "token": {"token": token}}
        done = data(await caller.post(VERIFY, bodies[key]))
        assert done["account"]["id"] == str(person.identity.account_id)
        assert (await caller.get("/me", headers=bearer(done["access_token"]))).status_code == 200
        assert code_of(await caller.post(VERIFY, bodies["code"])) == (401, "invalid_code")
        assert code_of(await caller.post(VERIFY, bodies["token"])) == (401, "invalid_token")


async def test_an_unknown_address_gets_the_same_answer_and_no_mail(caller: Caller, mailbox: Mailbox) -> None:
    email = new_email()
    await ask(caller, email)
    assert mailbox.letters == []
    refused = await caller.post(VERIFY, {"email": email, "code": "123456"})
    assert code_of(refused) == (401, "invalid_code")


async def test_a_wrong_code_of_somebody_known_is_in_the_log(
    caller: Caller, person: Person, mailbox: Mailbox, platform: Platform
) -> None:
    await ask(caller, person.email)
    wrong = f"{(int(mailbox.codes(person.email)[-1]) + 1) % 10**6:06d}"
    refused = await caller.post(VERIFY, {"email": person.email, "code": wrong})
    assert code_of(refused) == (401, "invalid_code")
    assert await refusals(platform, person.identity) == [("identity.sign_in", {"method": "magic"})]


async def test_of_a_raced_proof_one_wins(
    make_caller: MakeCaller, person: Person, caller: Caller, mailbox: Mailbox
) -> None:
    await ask(caller, person.email)
    (token,), (code,) = mailbox.tokens(person.email, "magic_link"), mailbox.codes(person.email)
    bodies = [{"token": token}, {"email": person.email, "code": code}] * 4
    callers = [await make_caller() for _ in bodies]
    answers = await asyncio.gather(*(c.post(VERIFY, body) for c, body in zip(callers, bodies, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7


async def test_a_scanner_that_opens_the_link_uses_nothing_up(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    await ask(caller, person.email)
    link = next(values["link"] for _, _, values in mailbox.letters)
    path, _, fragment = link.partition("#")
    assert path.endswith("/magic")
    assert fragment.startswith("token=")
    await caller.http.get(link)
    await caller.get(VERIFY, params={"token": fragment.removeprefix("token=")})
    assert (await caller.post(VERIFY, {"token": fragment.removeprefix("token=")})).status_code == 200


async def test_strangers_who_guess_spoil_the_code_and_not_the_link(
    caller: Caller, make_caller: MakeCaller, person: Person, mailbox: Mailbox
) -> None:
    await ask(caller, person.email)
    (code,), (token,) = mailbox.codes(person.email), mailbox.tokens(person.email, "magic_link")
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    strangers = [await make_caller() for _ in range(8)]
    await asyncio.gather(*(one.post(VERIFY, {"email": person.email, "code": wrong}) for one in strangers))
    assert code_of(await caller.post(VERIFY, {"email": person.email, "code": code})) == (401, "invalid_code")
    assert (await caller.post(VERIFY, {"token": token})).status_code == 200


async def test_a_link_expires(
    caller: Caller, person: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(magic, "LIFE", timedelta(0))
    await ask(caller, person.email)
    (code,), (token,) = mailbox.codes(person.email), mailbox.tokens(person.email, "magic_link")
    assert code_of(await caller.post(VERIFY, {"token": token})) == (401, "invalid_token")
    assert code_of(await caller.post(VERIFY, {"email": person.email, "code": code})) == (401, "invalid_code")


async def test_a_code_is_for_its_own_person_and_purpose(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    await caller.post("/password/forgot", {"email": person.email})
    (token,) = mailbox.tokens(person.email, "password_reset")
    assert code_of(await caller.post(VERIFY, {"token": token})) == (401, "invalid_token")


async def test_so_many_mails_an_hour_and_no_more(
    make_caller: MakeCaller, person: Person, mailbox: Mailbox
) -> None:
    for _ in range(12):
        await ask(await make_caller(), person.email)
    assert len(mailbox.codes(person.email)) == 10


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@example.com"},
        {"code": "123456"},
        {"token": "t", "email": "a@example.com", "code": "123456"},
    ],
)
async def test_it_takes_a_code_or_a_token(caller: Caller, body: dict[str, str]) -> None:
    assert code_of(await caller.post(VERIFY, body)) == (422, "invalid_input")


async def test_whoever_registered_an_unproven_address_has_set_no_password(
    caller: Caller, make_caller: MakeCaller, mailbox: Mailbox
) -> None:
    """Pre-hijacking by way of the magic link: the mailbox is proved, the stranger's password is not."""
    email, attacker = new_email(), await make_caller()
    await attacker.sign_up(email)
    await ask(caller, email)
    assert (await caller.post(VERIFY, {"token": mailbox.tokens(email, "magic_link")[0]})).status_code == 200
    assert code_of(await attacker.sign_in(email)) == (401, "invalid_credentials")
    registered = await attacker.post("/verify-email", {"email": email, "code": mailbox.codes(email)[0]})
    assert code_of(registered) == (401, "invalid_code")
    assert mailbox.to(email).count("welcome") == 1
