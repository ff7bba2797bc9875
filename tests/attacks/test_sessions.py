"""Sessions under attack: planted ones, renewed ones, raced ones, ones that look wrong."""

import asyncio
import secrets
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select, update

from rowhouse.kernel.context import Identity
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.http.credentials import ACCESS_COOKIE, REFRESH_COOKIE
from rowhouse.kernel.operators import service
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions import refresh as refreshing
from rowhouse.kernel.sessions.models import Session
from rowhouse.kernel.sessions.presence import renew_presence
from tests.attacks.factors import enrol
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
    signed_in,
)
from tests.kernel.identity.fixtures import MakeCaller, MakePerson


async def test_a_planted_session_is_left_behind(
    make_caller: MakeCaller, make_person: MakePerson, person: Person
) -> None:
    """The victim signs in in a browser that carries the attacker's cookies: new tokens, and the attacker's stay
    the attacker's."""
    attacker, attackers = await make_person(), await make_caller()
    planted = await attackers.sign_in(attacker.email, cookies=True)
    victim = await make_caller()
    for name in (ACCESS_COOKIE, REFRESH_COOKIE):
        victim.http.cookies.set(name, str(planted.cookies[name]), domain="rowhouse.test")
    answer = await victim.sign_in(person.email, cookies=True)
    assert {answer.cookies[n] != planted.cookies[n] for n in (ACCESS_COOKIE, REFRESH_COOKIE)} == {True}
    attackers.http.cookies.clear()
    mine = await attackers.get("/me", headers=bearer(planted.cookies[ACCESS_COOKIE]))
    assert data(mine)["user"]["email"] == attacker.email


async def test_a_tokens_successor_is_its_own_sessions(
    make_caller: MakeCaller, make_person: MakePerson, person: Person
) -> None:
    """Two people renew at once, many times over: nobody gets another's."""
    first, second = await make_caller(), await make_caller()
    other = await make_person()
    tokens = [await signed_in(first, person), await signed_in(second, other)]
    bodies = [{"refresh_token": one["refresh_token"]} for one in tokens]
    answers = await asyncio.gather(*(first.post("/refresh", bodies[n % 2]) for n in range(10)))
    for number, answer in enumerate(answers):
        account = (person, other)[number % 2].identity.account_id
        assert data(answer)["account"]["id"] == str(account)
    assert len({data(answer)["refresh_token"] for answer in answers}) == 2


async def test_a_token_of_before_a_switch_betrays_its_use(
    caller: Caller, person: Person, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox
) -> None:
    """Within the grace it gets the successor, which acts as the account of now; after it, the session ends."""
    before = await signed_in(caller, person)
    made = data(await caller.http.post("/api/v1/organizations", json={"name": "Otters"}))
    after = data(await caller.post("/switch", {"account_id": made["account_id"]}))
    again = data(await caller.post("/refresh", {"refresh_token": before["refresh_token"]}))
    assert again["refresh_token"] == after["refresh_token"]
    assert again["account"]["id"] == made["account_id"]
    monkeypatch.setattr(refreshing, "GRACE", timedelta(0))
    used = await caller.post("/refresh", {"refresh_token": before["refresh_token"]})
    assert code_of(used) == (401, "refresh_token_reused")
    ended = await caller.post("/refresh", {"refresh_token": after["refresh_token"]})
    assert code_of(ended) == (401, "refresh_token_invalid")
    assert len(mailbox.kinds(person.email)) == 1


async def test_of_step_ups_at_once_by_one_code_one_comes(
    make_caller: MakeCaller, person: Person, mailbox: Mailbox, platform: Platform
) -> None:
    """Two sessions of one person; the code was mailed to the one."""
    callers = [await make_caller(), await make_caller()]
    for caller in callers:
        await signed_in(caller, person)
    await _doubt(platform, person)
    await callers[0].post("/step-up/mail")
    code = mailbox.codes(person.email)[-1]
    answers = await asyncio.gather(*(callers[n % 2].post("/step-up", {"code": code}) for n in range(4)))
    assert sorted(answer.status_code for answer in answers)[:2] == [200, 401]


async def test_of_changes_of_address_at_once_one_comes(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    await signed_in(caller, person)
    new = f"new-{person.email}"
    await caller.post("/email", {"email": new})
    [code] = mailbox.codes(new)
    answers = await asyncio.gather(*(caller.post("/email/verify", {"code": code}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [204, 401, 401, 401]


async def test_of_operators_set_ups_at_once_one_comes(caller: Caller, admin: Database) -> None:
    token = await service.invite(admin, f"{secrets.token_hex(6)}@example.org", "Olive", "operator")
    begun = data(await caller.http.post("/api/v1/admin/auth/set-up", json={"token": token}))
    body = {"token": token, "password": PASSWORD, "code": pyotp.TOTP(begun["secret"]).now()}
    path = "/api/v1/admin/auth/set-up/confirm"
    answers = await asyncio.gather(*(caller.http.post(path, json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers)[:2] == [200, 401]


async def test_an_unusual_session_changes_nothing_of_weight(
    caller: Caller, person: Person, platform: Platform
) -> None:
    """Somebody has the password and signs in from far away: what would keep them in is out of their reach."""
    await signed_in(caller, person)
    organization = f"/api/v1/organizations/{person.identity.organization_id}"
    longer = await caller.http.patch(organization, json={"settings": {"retention_days": 1095}})
    assert longer.status_code == 200, longer.text
    await _doubt(platform, person)
    for method, path, body in (
        ("POST", "/api/v1/auth/password/change", {"old": PASSWORD, "new": OTHER_PASSWORD}),
        ("POST", "/api/v1/auth/email", {"email": f"evil-{person.email}"}),
        ("POST", "/api/v1/auth/mfa/totp", None),
        ("POST", "/api/v1/auth/passkeys/options", None),
        ("POST", "/api/v1/api-keys", {"name": "k", "permissions": ["kernel.jobs.read"]}),
        ("POST", f"{organization}/invitations", {"email": f"evil-{person.email}", "role": "owner"}),
        ("POST", "/api/v1/roles", {"name": "evil", "title": "Evil", "holds": ["kernel.jobs.read"]}),
        ("POST", "/api/v1/audit/export", {"format": "csv"}),
        ("POST", "/api/v1/export", {"format": "csv"}),
        ("POST", "/api/v1/privacy/export", None),
        ("PATCH", organization, {"settings": {"retention_days": None}}),
        ("DELETE", organization, {"confirm": "x"}),
    ):
        answer = await caller.http.request(method, path, json=body)
        assert code_of(answer) == (403, "step_up_required"), f"{method} {path}: {answer.text}"
    assert (await caller.sign_in(person.email)).status_code == 200


async def test_a_stranger_can_not_use_up_all_ways_back_in(
    make_caller: MakeCaller, person: Person, mailbox: Mailbox
) -> None:
    """Asking for links in somebody's name leaves some of the hour's for the browser that they have signed in with."""
    known = await make_caller()
    await known.sign_in(person.email, cookies=True)
    for path, template in (("/magic-link", "magic_link"), ("/password/forgot", "password_reset")):
        stranger = await make_caller()
        for _ in range(12):
            await stranger.post(path, {"email": person.email})
        sent = len(mailbox.tokens(person.email, template))
        await known.post(path, {"email": person.email})
        assert len(mailbox.tokens(person.email, template)) == sent + 1, path


async def test_a_second_factor_is_asked_for_by_every_way_in(
    make_caller: MakeCaller, person: Person, mailbox: Mailbox, platform: Platform
) -> None:
    """Password, code, link, and after a reset: none of them signs in whoever has an authenticator by itself."""
    owner = await make_caller()
    await signed_in(owner, person)
    await enrol(owner)
    thief = await make_caller()
    assert code_of(await thief.sign_in(person.email)) == (401, "mfa_required")
    await thief.post("/magic-link", {"email": person.email})
    by_code = {"email": person.email, "code": mailbox.codes(person.email)[-1]}
    assert code_of(await thief.post("/magic-link/verify", by_code)) == (401, "mfa_required")
    await thief.post("/magic-link", {"email": person.email})
    by_link = {"token": mailbox.tokens(person.email, "magic_link")[-1]}
    assert code_of(await thief.post("/magic-link/verify", by_link)) == (401, "mfa_required")
    await thief.post("/password/forgot", {"email": person.email})
    new = {"token": mailbox.tokens(person.email, "password_reset")[-1], "password": OTHER_PASSWORD}
    assert (await thief.post("/password/reset", new)).status_code == 204
    assert code_of(await thief.sign_in(person.email, OTHER_PASSWORD)) == (401, "mfa_required")
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        living = select(func.count()).where(Session.user_id == ctx.user, Session.ended_at.is_(None))
        assert await ctx.session.scalar(living) == 0


async def _doubt(platform: Platform, person: Person) -> None:
    """Makes a person's sessions those of an unusual sign-in, as `start_session(trusted=False)` does."""
    async with context(platform, Identity(user_id=person.identity.user_id)) as ctx:
        mine = update(Session).where(Session.user_id == person.identity.user_id)
        ids = await ctx.session.scalars(mine.values(authenticated_at=None).returning(Session.id))
        await renew_presence(platform.redis, *ids.all())
