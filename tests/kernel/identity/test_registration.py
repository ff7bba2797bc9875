"""Signing up and proving an address, over HTTP."""

import asyncio
import secrets

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update

from rowhouse.kernel.context import Identity
from rowhouse.kernel.identity import codes
from rowhouse.kernel.identity.models import EmailCode, User
from rowhouse.kernel.organizations.models import Account, Organization
from rowhouse.kernel.platform import Platform
from rowhouse.kit.ids import uuid7
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
from tests.kernel.lifecycle.staging import Stage


async def verify(caller: Caller, email: str, code: str, **more: object) -> tuple[int, str]:
    answer = await caller.post("/verify-email", {"email": email, "code": code} | more)
    return (200, "") if answer.status_code == 200 else code_of(answer)


async def test_a_newcomer_becomes_owner_of_an_organization_of_their_own(
    caller: Caller, mailbox: Mailbox
) -> None:
    email = new_email()
    assert (await caller.sign_up(email)).status_code == 202
    (code,) = mailbox.codes(email)
    signed_in = data(await caller.post("/verify-email", {"email": email.upper(), "code": code}))
    assert signed_in["token_type"] == "Bearer"
    assert signed_in["expires_in"] == 900
    me = data(await caller.get("/me", headers=bearer(signed_in["access_token"])))
    assert me["user"] == {"id": me["user"]["id"], "email": email, "name": "Ada Byron", "email_verified": True}
    assert me["account"] == signed_in["account"]
    assert me["account"]["role"] == "owner"
    assert me["organization"] == {
        "id": me["account"]["organization_id"],
        "name": "Ada Byron",
        "kind": "personal",
        "state": "active",
    }
    assert [account["organization_name"] for account in me["accounts"]] == ["Ada Byron"]
    assert {"permission": "kernel.jobs.read", "source": "role:owner"} in me["permissions"]


async def test_a_named_organization_is_a_team(caller: Caller, mailbox: Mailbox) -> None:
    email = new_email()
    await caller.sign_up(email, organization="Analytical Engines")
    signed_in = data(await caller.post("/verify-email", {"email": email, "code": mailbox.codes(email)[0]}))
    me = data(await caller.get("/me", headers=bearer(signed_in["access_token"])))
    assert (me["organization"]["name"], me["organization"]["kind"]) == ("Analytical Engines", "team")


async def test_while_their_organization_is_set_up_they_are_told_so_once_they_have_proved_who_they_are(
    make_caller: MakeCaller, app: FastAPI, mailbox: Mailbox, stage: Stage
) -> None:
    caller, email = await make_caller(stage.on(app)), new_email()
    await caller.sign_up(email)
    assert await verify(caller, email, "000000") == (401, "invalid_code")
    assert await verify(caller, email, mailbox.codes(email)[0]) == (403, "organization_provisioning")
    # The address is proved all the same.
    assert code_of(await caller.sign_in(email)) == (403, "organization_provisioning")
    assert code_of(await caller.sign_in(email, OTHER_PASSWORD)) == (401, "invalid_credentials")
    await stage.work()
    me = data(await caller.get("/me", headers=bearer(data(await caller.sign_in(email))["access_token"])))
    assert (me["user"]["email_verified"], me["organization"]["state"]) == (True, "active")


async def test_signing_in_before_verifying_says_so_only_to_who_knows_the_password(
    caller: Caller, mailbox: Mailbox
) -> None:
    email = new_email()
    await caller.sign_up(email)
    assert code_of(await caller.sign_in(email)) == (401, "email_not_verified")
    assert code_of(await caller.sign_in(email, OTHER_PASSWORD)) == (401, "invalid_credentials")


async def test_an_address_that_was_not_proved_opens_nothing(
    caller: Caller, person: Person, platform: Platform
) -> None:
    """Also with a password, which registrations set at once in former times."""
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        unproved = update(User).where(User.id == ctx.user).values(email_verified_at=None)
        await ctx.session.execute(unproved)
    assert code_of(await caller.sign_in(person.email)) == (401, "email_not_verified")
    assert code_of(await caller.sign_in(person.email, OTHER_PASSWORD)) == (401, "invalid_credentials")


async def test_a_code_works_once(caller: Caller, mailbox: Mailbox) -> None:
    email = new_email()
    await caller.sign_up(email)
    (code,) = mailbox.codes(email)
    assert await verify(caller, email, code) == (200, "")
    assert await verify(caller, email, code) == (401, "invalid_code")


async def test_of_many_verifications_at_once_one_completes(
    caller: Caller, make_caller: MakeCaller, mailbox: Mailbox, platform: Platform
) -> None:
    email = new_email()
    await caller.sign_up(email)
    (code,) = mailbox.codes(email)
    callers = [await make_caller() for _ in range(4)]
    answers = await asyncio.gather(*(verify(one, email, code) for one in callers))
    assert sorted(answers) == [(200, "")] + [(401, "invalid_code")] * 3


async def test_two_codes_at_once_complete_one_registration(
    caller: Caller, make_caller: MakeCaller, mailbox: Mailbox
) -> None:
    email = new_email()
    await caller.sign_up(email)
    await caller.sign_up(email, OTHER_PASSWORD)
    other = await make_caller()
    answers = await asyncio.gather(
        *(verify(c, email, x) for c, x in zip((caller, other), mailbox.codes(email), strict=True))
    )
    assert sorted(answers) == [(200, ""), (401, "invalid_code")]


async def test_five_tries_end_a_code_even_all_at_once(
    caller: Caller, make_caller: MakeCaller, mailbox: Mailbox
) -> None:
    email = new_email()
    await caller.sign_up(email)
    (code,) = mailbox.codes(email)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    callers = [await make_caller() for _ in range(5)]
    answers = await asyncio.gather(*(verify(one, email, wrong) for one in callers))
    assert answers == [(401, "invalid_code")] * 5
    assert await verify(caller, email, code) == (401, "invalid_code")


async def test_a_code_expires(caller: Caller, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    email = new_email()
    monkeypatch.setattr(codes, "LIFE", -codes.LIFE)
    await caller.sign_up(email)
    assert await verify(caller, email, mailbox.codes(email)[0]) == (401, "invalid_code")


async def test_a_code_is_for_its_own_person(caller: Caller, mailbox: Mailbox) -> None:
    mine, theirs = new_email(), new_email()
    await caller.sign_up(mine)
    await caller.sign_up(theirs)
    assert await verify(caller, theirs, mailbox.codes(mine)[0]) == (401, "invalid_code")


async def test_who_registers_anothers_address_first_gains_nothing(
    caller: Caller, make_caller: MakeCaller, mailbox: Mailbox
) -> None:
    """Pre-hijacking: the password that counts is the one of the registration that is verified."""
    email, attacker = new_email(), await make_caller()
    await attacker.sign_up(email, OTHER_PASSWORD, name="Mallory", organization="Mallory's")
    await caller.sign_up(email, PASSWORD)
    assert await verify(caller, email, mailbox.codes(email)[1]) == (200, "")
    assert code_of(await attacker.sign_in(email, OTHER_PASSWORD)) == (401, "invalid_credentials")
    signed_in = data(await caller.sign_in(email, PASSWORD))
    me = data(await caller.get("/me", headers=bearer(signed_in["access_token"])))
    assert me["user"]["name"] == "Ada Byron"
    assert (me["organization"]["name"], me["organization"]["kind"]) == ("Ada Byron", "personal")
    assert await verify(attacker, email, mailbox.codes(email)[0]) == (401, "invalid_code")


async def test_a_later_registration_does_not_undo_an_earlier_code(
    caller: Caller, make_caller: MakeCaller, mailbox: Mailbox
) -> None:
    email, attacker = new_email(), await make_caller()
    await caller.sign_up(email, PASSWORD)
    await attacker.sign_up(email, OTHER_PASSWORD)
    assert await verify(caller, email, mailbox.codes(email)[0]) == (200, "")
    assert code_of(await attacker.sign_in(email, OTHER_PASSWORD)) == (401, "invalid_credentials")
    assert (await caller.sign_in(email, PASSWORD)).status_code == 200


async def test_an_account_is_left_alone_and_its_person_told(
    caller: Caller, mailbox: Mailbox, person: Person
) -> None:
    assert (await caller.sign_up(person.email, OTHER_PASSWORD)).status_code == 202
    assert mailbox.to(person.email) == ["already_registered"]
    assert (await caller.sign_in(person.email, PASSWORD)).status_code == 200


async def test_no_code_completes_anything_at_an_address_with_an_account(
    caller: Caller, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is kept for what is registered there, and told nobody; whoever guesses it has gained nothing."""
    monkeypatch.setattr(secrets, "randbelow", lambda _: 424_242)
    registration = data(await caller.sign_up(person.email, OTHER_PASSWORD))["registration"]
    assert await verify(caller, person.email, "424242") == (401, "invalid_code")
    assert await verify(caller, person.email, "424242", registration=registration) == (401, "invalid_code")
    assert code_of(await caller.sign_in(person.email, OTHER_PASSWORD)) == (401, "email_not_verified")
    assert (await caller.sign_in(person.email, PASSWORD)).status_code == 200


async def test_mail_goes_to_the_address_on_record(caller: Caller, mailbox: Mailbox, person: Person) -> None:
    await caller.sign_up(person.email.upper())
    assert mailbox.to(person.email) == ["already_registered"]
    assert len(mailbox.letters) == 1


async def test_resending_mails_a_new_code_for_the_same_registration(caller: Caller, mailbox: Mailbox) -> None:
    email = new_email()
    await caller.sign_up(email)
    assert (await caller.post("/resend-code", {"email": email})).status_code == 202
    _first, second = mailbox.codes(email)
    assert await verify(caller, email, second) == (200, "")
    assert (await caller.sign_in(email)).status_code == 200


async def test_resending_to_nobody_sends_nothing(caller: Caller, mailbox: Mailbox, person: Person) -> None:
    answers = [await caller.post("/resend-code", {"email": email}) for email in (new_email(), person.email)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert mailbox.letters == []


async def test_codes_are_mailed_so_often_and_no_more(
    make_caller: MakeCaller, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "CODES_AN_HOUR", 2)
    email, caller = new_email(), await make_caller()
    for _ in range(4):
        assert (await caller.sign_up(email)).status_code == 202
    assert len(mailbox.codes(email)) == 2


async def test_an_address_is_registered_so_often_wherever_it_is_asked_from(
    make_caller: MakeCaller, strict_app: object, mailbox: Mailbox
) -> None:
    email = new_email()
    answers = [await (await make_caller(strict_app)).sign_up(email) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429]
    other = await make_caller(strict_app)
    assert (await other.sign_up(new_email())).status_code == 202


async def test_of_many_registrations_at_once_one_person_comes(
    make_caller: MakeCaller, mailbox: Mailbox, platform: Platform
) -> None:
    email = new_email()
    callers = [await make_caller() for _ in range(5)]
    answers = await asyncio.gather(*(one.sign_up(email) for one in callers))
    assert {answer.status_code for answer in answers} == {202}
    assert len(mailbox.codes(email)) == 5
    assert await verify(callers[0], email, mailbox.codes(email)[2]) == (200, "")


async def test_no_hash_and_no_code_of_a_registration_is_left_after_it(
    caller: Caller, mailbox: Mailbox, platform: Platform
) -> None:
    email = new_email()
    await caller.sign_up(email)
    answer = data(await caller.post("/verify-email", {"email": email, "code": mailbox.codes(email)[0]}))
    claims = await platform.tokens.verify(answer["access_token"])
    async with context(platform, Identity(user_id=claims.user_id)) as ctx:
        assert await ctx.session.scalar(select(func.count()).select_from(EmailCode)) == 0


@pytest.mark.parametrize(
    "extra",
    [
        {"role": "owner"},
        {"email_verified_at": "2026-01-01T00:00:00Z"},
        {"id": "00000000-0000-0000-0000-000000000001"},
        {"organization_id": "00000000-0000-0000-0000-000000000001"},
    ],
)
async def test_fields_that_are_not_asked_for_are_refused(caller: Caller, extra: dict[str, str]) -> None:
    answer = await caller.sign_up(new_email(), **extra)
    assert code_of(answer) == (422, "invalid_input")
    assert [error["field"] for error in answer.json()["errors"]] == list(extra)


async def test_each_wrong_field_is_named(caller: Caller, mailbox: Mailbox) -> None:
    answer = await caller.post(
        "/register", {"email": "nobody", "password": "x" * 500_000, "name": "Ada\r\nBcc: all@example.com"}
    )
    assert code_of(answer) == (422, "invalid_input")
    assert {error["field"] for error in answer.json()["errors"]} == {"email", "password", "name"}
    assert "xxxx" not in answer.text
    huge = await caller.sign_up(new_email(), "x" * 10_000_000)
    assert code_of(huge) == (413, "payload_too_large")
    weak = await caller.sign_up(new_email(), "password1234")
    assert [(e["field"], e["code"]) for e in weak.json()["errors"]] == [("password", "password_too_weak")]
    assert mailbox.letters == []


async def test_spaces_belong_to_a_password(caller: Caller, mailbox: Mailbox) -> None:
    email = new_email()
    await caller.sign_up(email, f" {PASSWORD} ")
    assert await verify(caller, email, mailbox.codes(email)[0]) == (200, "")
    assert code_of(await caller.sign_in(email, PASSWORD)) == (401, "invalid_credentials")
    assert (await caller.sign_in(email, f" {PASSWORD} ")).status_code == 200


async def test_an_organization_that_somebody_else_founded_keeps_its_name(
    caller: Caller, mailbox: Mailbox, person: Person, platform: Platform
) -> None:
    """Somebody who is an unverified member only, as an invitation may make them."""
    email, invited = new_email(), uuid7()
    joined = Identity(person.identity.organization_id, invited, uuid7(), role="member")
    async with context(platform, joined) as ctx:
        ctx.session.add(User(id=invited, email=email, email_key=email, name="Eve", password_hash=None))
        await ctx.session.flush()
        ctx.session.add(Account(organization_id=ctx.org, id=ctx.account, user_id=invited, role="member"))
    await caller.sign_up(email, name="Eve", organization="Eve's")
    assert await verify(caller, email, mailbox.codes(email)[0]) == (200, "")
    async with context(platform, person.identity) as ctx:
        assert (await ctx.session.scalars(select(Organization.name))).one() == "Ada Byron"


async def test_a_person_without_any_account_is_no_oracle(
    caller: Caller, mailbox: Mailbox, platform: Platform
) -> None:
    email, alone = new_email(), uuid7()
    async with context(platform, Identity(user_id=alone)) as ctx:
        ctx.session.add(User(id=alone, email=email, email_key=email, name="Eve", password_hash=None))
    assert (await caller.sign_up(email)).status_code == 202
    assert (await caller.post("/resend-code", {"email": email})).status_code == 202
    assert await verify(caller, email, mailbox.codes(email)[0]) == (401, "invalid_code")
