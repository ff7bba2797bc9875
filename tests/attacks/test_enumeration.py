"""Whoever asks about an address learns nothing of it: not by status, words, headers or time.

The same question is asked about five addresses: one that nobody has, one with an account, one that is not verified,
one whose person is suspended, and one that signs in by mail alone.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from rowhouse.kernel.context import Identity
from rowhouse.kernel.identity import guessing
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.platform import Platform
from tests.kernel.identity.doubles import (
    OTHER_PASSWORD,
    PASSWORD,
    Caller,
    Mailbox,
    Person,
    context,
    new_email,
    signed_in,
)
from tests.kernel.identity.fixtures import MakeCaller, MakePerson

QUANTUM_S = 0.5
TRIES = 20
MAILING = frozenset({"/resend-code", "/magic-link", "/password/forgot"})
NEVER = "0" * 43
QUESTIONS: Mapping[str, Mapping[str, Any]] = {
    "/register": {"password": PASSWORD, "name": "Eve"},
    "/resend-code": {},
    "/verify-email": {"code": "123456"},
    "/login": {"password": f"{PASSWORD}!"},
    "/magic-link": {},
    "/magic-link/verify": {"code": "123456"},
    "/password/forgot": {},
}
TOKENS: Mapping[str, Mapping[str, Any]] = {
    "/magic-link/verify": {"token": NEVER},
    "/password/reset": {"token": NEVER, "password": PASSWORD},
    "/unlock": {"token": NEVER},
    "/mfa/verify": {"mfa_token": NEVER, "code": "123456"},
}
VARYING = frozenset({"x-request-id", "date", "content-length", "set-cookie"})


@pytest.fixture
async def addresses(make_person: MakePerson, platform: Platform, make_caller: MakeCaller) -> dict[str, str]:
    known, suspended, by_mail = await make_person(), await make_person(), await make_person()
    await _change(platform, suspended, state="suspended")
    await _change(platform, by_mail, password_hash=None)
    unverified = new_email()
    await (await make_caller()).sign_up(unverified)
    return {
        "unknown": new_email(),
        "known": known.email,
        "suspended": suspended.email,
        "by mail": by_mail.email,
        "unverified": unverified,
    }


@pytest.mark.parametrize("path", QUESTIONS)
async def test_the_answer_is_one(
    make_caller: MakeCaller, mailbox: Mailbox, addresses: dict[str, str], path: str
) -> None:
    """Asked again and again, too: more mails than an hour has are asked for, and nobody is told that none went."""
    told: dict[str, list[Any]] = {}
    for kind, email in addresses.items():
        asking = await make_caller()
        times = 12 if path in MAILING else 3
        answers = [await asking.post(path, {"email": email, **QUESTIONS[path]}) for _ in range(times)]
        told[kind] = [_said(answer, email) for answer in answers]
    assert told["unknown"] == told["known"] == told["suspended"] == told["by mail"] == told["unverified"]


async def test_registering_and_signing_in_with_it_tells_nothing(
    make_caller: MakeCaller, mailbox: Mailbox, addresses: dict[str, str]
) -> None:
    """Whoever registers an address has a password for it, and asks with that what signing in says of it."""
    told: dict[str, list[Any]] = {}
    for kind, email in addresses.items():
        asking = await make_caller()
        answers = [await asking.sign_in(email, OTHER_PASSWORD), await asking.sign_up(email, OTHER_PASSWORD)]
        answers += [await asking.sign_in(email, OTHER_PASSWORD) for _ in range(3)]
        answers += [
            await asking.sign_up(email, f"{OTHER_PASSWORD}!"),
            await asking.sign_in(email, OTHER_PASSWORD),
        ]
        told[kind] = [_said(answer, email) for answer in answers]
    assert told["unknown"] == told["known"] == told["suspended"] == told["by mail"] == told["unverified"]
    assert mailbox.codes(addresses["known"]) == mailbox.codes(addresses["by mail"]) == []


@pytest.mark.parametrize("path", TOKENS)
async def test_a_token_of_nobodys_tells_nothing(caller: Caller, path: str) -> None:
    answer = await caller.post(path, dict(TOKENS[path]))
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


@pytest.mark.parametrize("path", QUESTIONS)
async def test_the_time_is_one(
    make_caller: MakeCaller,
    mailbox: Mailbox,
    addresses: dict[str, str],
    path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In half seconds, which is all that a caller can see; on a busy machine the quickest of many counts."""
    monkeypatch.setattr(guessing, "QUANTUM_S", QUANTUM_S)
    taken = {}
    for kind in ("unknown", "known"):
        body = {"email": addresses[kind], **QUESTIONS[path]}
        quanta: list[int] = []
        while len(quanta) < TRIES and 1 not in quanta:
            quanta.append(await _quanta(await make_caller(), path, body))
        assert min(quanta) >= 1, f"{path} answers at once for {kind} addresses"
        taken[kind] = min(quanta)
    assert taken["known"] == taken["unknown"]


async def test_a_new_address_of_ones_own_tells_nothing(
    caller: Caller, person: Person, addresses: dict[str, str], mailbox: Mailbox
) -> None:
    await signed_in(caller, person)
    told = {kind: _said(await caller.post("/email", {"email": e}), e) for kind, e in addresses.items()}
    assert len({repr(one) for one in told.values()}) == 1


async def test_an_invitation_tells_nothing(caller: Caller, person: Person, addresses: dict[str, str]) -> None:
    await signed_in(caller, person)
    path = f"/api/v1/organizations/{person.identity.organization_id}/invitations"
    told = set()
    for email in addresses.values():
        answer = await caller.http.post(path, json={"email": email, "role": "member"})
        assert answer.status_code == 201, answer.text
        told.add(repr([(k, answer.json()["data"][k]) for k in ("role", "state", "invited_by")]))
        assert set(answer.json()["data"]) == {
            "id", "email", "role", "state", "invited_by", "expires_at", "created_at",
        }  # fmt: skip
    assert len(told) == 1


async def _quanta(caller: Caller, path: str, body: Mapping[str, Any]) -> int:
    started = time.monotonic()
    await asyncio.wait_for(caller.post(path, body), timeout=20)
    return int((time.monotonic() - started) / QUANTUM_S)


async def _change(platform: Platform, person: Person, **values: Any) -> None:
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        await ctx.session.execute(update(User).where(User.id == person.identity.user_id).values(**values))


def _said(answer: httpx.Response, email: str) -> tuple[Any, ...]:
    """Status, words and headers, without what is each request's own."""
    body = answer.json()
    body.pop("request_id", None)
    body.get("data", {}).pop("registration", None)
    headers = {k: v for k, v in answer.headers.items() if k not in VARYING and "ratelimit" not in k}
    return answer.status_code, repr(body).replace(email, "<email>"), headers, "set-cookie" in answer.headers
