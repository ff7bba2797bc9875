"""Operators: apart from every organization, in by two factors at once, looking without touching."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from time import time
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from typer.testing import CliRunner

from rowhouse.commands import operators
from rowhouse.kernel.context import NOBODY, Identity, RequestInfo
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.lifecycle import transitions
from rowhouse.kernel.operators import service
from rowhouse.kernel.operators.organizations import IMPERSONATION_LIFE
from rowhouse.kernel.operators.routes import OPERATOR_DEVICE_COOKIE
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.sessions import operators as operator_sessions
from rowhouse.kernel.settings import Settings
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from tests.conftest import MakePerson, Person, api_on
from tests.kernel.identity.fixtures import MakeCaller
from tests.locks import until_it_waits, until_it_waits_for
from tests.operators import PASSWORD, REASON, Operator, administrator, set_up
from tests.services import Services

HOME = "203.0.113.77"
SIGN_IN = "/api/v1/admin/auth/login"
Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def superuser(services: Services, database_name: str) -> Iterator[Connection]:
    with psycopg.connect(services.dsn("postgres", database_name), autocommit=True) as connection:
        yield connection


@pytest.fixture
async def admin(settings: Settings) -> AsyncIterator[Database]:
    async with administrator(settings) as database:
        yield database


@pytest.fixture
async def operator(admin: Database, app: FastAPI) -> AsyncIterator[Operator]:
    async with _client(app) as client:
        yield await set_up(admin, client)


async def test_a_token_longer_than_any_is_nobodys(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await operator.client.get("/api/v1/admin/auth/me")).status_code == 200
    monkeypatch.setattr(operator_sessions, "LONGEST_CHARACTERS", 20)
    assert (await operator.client.get("/api/v1/admin/auth/me")).status_code == 401


async def test_an_operator_sets_up_and_signs_in(admin: Database, client: httpx.AsyncClient) -> None:
    found = await set_up(admin, client)
    me = (await client.get("/api/v1/admin/auth/me")).json()["data"]
    assert (me["email"], me["role"]) == (found.email, "operator")
    assert set(me["permissions"]) >= {"platform.organizations.read", "platform.organizations.write"}
    assert (await client.post("/api/v1/admin/auth/logout")).status_code == 204
    assert (await client.get("/api/v1/admin/auth/me")).json()["code"] == "operator_session_ended"


async def test_a_set_up_link_works_once(admin: Database, client: httpx.AsyncClient) -> None:
    token = await service.invite(admin, f"{secrets.token_hex(6)}@example.org", "Op", "operator")
    secret = (await client.post("/api/v1/admin/auth/set-up", json={"token": token})).json()["data"]["secret"]
    body = {"token": token, "password": PASSWORD, "code": "000000"}
    refused = await client.post("/api/v1/admin/auth/set-up/confirm", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "code_invalid")
    body["code"] = pyotp.TOTP(secret).now()
    weak = await client.post("/api/v1/admin/auth/set-up/confirm", json=body | {"password": "password1234"})
    assert (weak.status_code, weak.json()["errors"][0]["code"]) == (422, "password_too_weak")
    assert (await client.post("/api/v1/admin/auth/set-up/confirm", json=body)).status_code == 200
    for path in ("set-up", "set-up/confirm"):
        again = await client.post(
            f"/api/v1/admin/auth/{path}", json=body if "confirm" in path else {"token": token}
        )
        assert again.json()["code"] == "setup_link_invalid"


@pytest.mark.parametrize("meanwhile", ["it is used", "another is made"])
async def test_a_set_up_link_that_ends_while_it_is_used_is_refused(
    admin: Database, client: httpx.AsyncClient, superuser: Connection, meanwhile: str
) -> None:
    other = None if meanwhile == "it is used" else secrets.token_bytes(32)
    email = f"{secrets.token_hex(6)}@example.org"
    token = await service.invite(admin, email, "Op", "operator")
    with superuser.transaction():
        superuser.execute("SELECT FROM kernel.operators WHERE email = %s FOR UPDATE", (email,))
        asking = asyncio.create_task(client.post("/api/v1/admin/auth/set-up", json={"token": token}))
        await until_it_waits(asking, superuser)
        superuser.execute("UPDATE kernel.operators SET setup_hash = %s WHERE email = %s", (other, email))
    assert (await asking).json()["code"] == "setup_link_invalid"


async def test_who_sets_up_anew_has_no_sessions_of_before(
    admin: Database, client: httpx.AsyncClient, make_caller: MakeCaller, person: Person
) -> None:
    """Whoever has the lost device is out for good, and not only until the new factor stands; out of what they look at
    through somebody's eyes too."""
    found = await set_up(admin, client)
    eyes, other = (await make_caller()).http, (await make_caller()).http
    eyes.headers["Authorization"] = f"Bearer {(await _look(found, person))['access_token']}"
    assert (await eyes.get("/api/v1/auth/me")).status_code == 200
    token = await service.invite(admin, found.email, "Olive Operator", "operator")
    assert (await client.get("/api/v1/admin/auth/me")).status_code == 401
    begun = (await other.post("/api/v1/admin/auth/set-up", json={"token": token})).json()["data"]
    body = {"token": token, "password": PASSWORD, "code": pyotp.TOTP(begun["secret"]).at(int(time()) + 30)}
    assert (await other.post("/api/v1/admin/auth/set-up/confirm", json=body)).status_code == 200
    assert (await client.get("/api/v1/admin/auth/me")).json()["code"] == "operator_session_ended"
    assert (await eyes.get("/api/v1/auth/me")).json()["code"] == "session_ended"


async def test_a_set_up_link_ends_after_a_day(
    admin: Database, client: httpx.AsyncClient, superuser: Connection
) -> None:
    email = f"{secrets.token_hex(6)}@example.org"
    token = await service.invite(admin, email, "Op", "operator")
    superuser.execute("UPDATE kernel.operators SET setup_until = now() WHERE email = %s", (email,))
    answer = await client.post("/api/v1/admin/auth/set-up", json={"token": token})
    assert answer.json()["code"] == "setup_link_invalid"


async def test_whatever_is_wrong_is_said_alike(operator: Operator, client: httpx.AsyncClient) -> None:
    good = {"email": operator.email, "password": PASSWORD, "code": operator.code()}
    answers = [
        await client.post("/api/v1/admin/auth/login", json=good | wrong)
        for wrong in ({"email": "nobody@example.org"}, {"password": "wrong"}, {"code": "000000"})
    ]
    assert {(a.status_code, a.json()["code"], a.json()["detail"]) for a in answers} == {
        (401, "operator_refused", answers[0].json()["detail"])
    }
    assert (await client.post("/api/v1/admin/auth/login", json=good)).status_code == 200
    replayed = await client.post("/api/v1/admin/auth/login", json=good)
    assert replayed.json()["code"] == "operator_refused"


async def test_strangers_lock_out_strangers_and_not_the_operator(
    operator: Operator,
    strict_app: FastAPI,
    make_caller: MakeCaller,
    superuser: Connection,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = {"email": operator.email, "password": PASSWORD, "cookies": True}
    for email in (operator.email, "nobody-of-that-name@example.org"):
        answers = [
            await (await make_caller(strict_app)).http.post(
                SIGN_IN, json=good | {"email": email, "code": "000000"}
            )
            for _ in range(12)
        ]
        assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    recorded = superuser.execute(
        "SELECT details IS NOT NULL, count(*) FROM audit.batches WHERE action = 'platform.operator_sign_in'"
        " AND outcome = 'refused' AND operator_id = (SELECT id FROM kernel.operators WHERE email = %s)"
        " GROUP BY 1 ORDER BY 1",
        (operator.email,),
    ).fetchall()
    assert recorded == [(False, 9), (True, 1)]
    # Where the operator has signed in before, nothing is locked; and the device is known wherever it comes from.
    at_home = httpx.ASGITransport(app=strict_app, client=(HOME, 40000))
    async with httpx.AsyncClient(transport=at_home, base_url="https://rowhouse.test") as mine:
        answer = await mine.post(SIGN_IN, json=good | {"code": operator.code()})
        assert answer.status_code == 200
        known = mine.cookies[OPERATOR_DEVICE_COOKIE]
    elsewhere = await make_caller(strict_app)
    wrong = good | {"code": "000000"}
    assert (await elsewhere.http.post(SIGN_IN, json=wrong)).status_code == 429
    elsewhere.http.cookies.set(OPERATOR_DEVICE_COOKIE, f"{uuid7().hex}.{known.partition('.')[2]}")
    assert (await elsewhere.http.post(SIGN_IN, json=wrong)).status_code == 429
    elsewhere.http.cookies.set(OPERATOR_DEVICE_COOKIE, known)
    assert (await elsewhere.http.post(SIGN_IN, json=wrong)).status_code == 401
    # Who has lost both is let in from the command line.
    monkeypatch.setattr(operators, "get_settings", lambda: settings)
    done = await asyncio.to_thread(CliRunner().invoke, operators.app, ["unlock", operator.email])
    assert (done.exit_code, done.output) == (0, "Unlocked.\n")
    assert (await (await make_caller(strict_app)).http.post(SIGN_IN, json=wrong)).status_code == 401


async def test_no_account_opens_what_is_operators_and_no_operator_what_is_accounts(
    operator: Operator, person: Person
) -> None:
    for path in ("/api/v1/admin/auth/me", "/api/v1/admin/organizations", "/api/v1/admin/metrics"):
        assert (await person.client.get(path)).status_code == 401
    for path in ("/api/v1/workouts", "/api/v1/auth/me", "/api/v1/jobs"):
        assert (await operator.client.get(path)).status_code == 401


async def test_operators_see_organizations_and_nothing_they_have(operator: Operator, person: Person) -> None:
    organization = str(person.identity.organization_id)
    found = (await operator.client.get("/api/v1/admin/organizations", params={"q": organization})).json()
    assert [(one["id"], one["state"], one["members"]) for one in found["data"]] == [
        (organization, "active", 1)
    ]
    accounts = await operator.client.get(f"/api/v1/admin/organizations/{organization}/accounts")
    assert [one["email"] for one in accounts.json()["data"]] == [person.email]
    figures = (await operator.client.get("/api/v1/admin/metrics")).json()["data"]
    assert {"organizations", "users", "accounts"} <= {one["figure"] for one in figures}


async def test_members_page_and_each_can_be_looked_at(
    operator: Operator, person: Person, make_person: MakePerson, superuser: Connection
) -> None:
    organization = person.identity.organization_id
    superuser.execute(
        "INSERT INTO kernel.accounts (organization_id, id, user_id, role, state)"
        " VALUES (%s, %s, %s, 'member', 'active')",
        (organization, later := uuid7(), (await make_person()).identity.user_id),
    )
    path = f"/api/v1/admin/organizations/{organization}"
    first = (await operator.client.get(f"{path}/accounts", params={"limit": 1})).json()
    assert [one["email"] for one in first["data"]] == [person.email]
    cursor = first["page"]["next"]
    second = (await operator.client.get(f"{path}/accounts", params={"limit": 1, "cursor": cursor})).json()
    assert [one["id"] for one in second["data"]] == [str(later)]
    assert second["page"]["next"] is None
    for account, status in ((later, 201), (uuid7(), 404)):
        assert await looked_at(operator, path, account) == status
    superuser.execute("UPDATE kernel.accounts SET state = 'suspended' WHERE id = %s", (later,))
    assert await looked_at(operator, path, later) == 404


async def test_no_look_begins_while_the_organization_is_being_suspended(
    operator: Operator, person: Person, platform: Platform
) -> None:
    path, account = (
        f"/api/v1/admin/organizations/{person.identity.organization_id}",
        person.identity.account_id,
    )
    async with open_context(platform, person.identity, RequestInfo("test")) as ending:
        await transitions.suspend(ending, "not paid")
        looking = asyncio.create_task(looked_at(operator, path, account))
        await until_it_waits_for(looking, ending)
    assert await looking == 404


async def looked_at(operator: Operator, path: str, account: UUID | None) -> int:
    body = {"account_id": str(account), "reason": REASON}
    return (await operator.client.post(f"{path}/impersonations", json=body)).status_code


async def test_who_reads_members_stands_in_both_audit_logs(
    operator: Operator, person: Person, superuser: Connection
) -> None:
    organization = person.identity.organization_id
    path = f"/api/v1/admin/organizations/{organization}/accounts"
    assert (await operator.client.get(path)).status_code == 200
    refused = await operator.client.get(path, params={"cursor": "nonsense"})
    me = (await operator.client.get("/api/v1/admin/auth/me")).json()["data"]["id"]
    assert (refused.status_code, refused.headers["x-rowhouse-operator"]) == (400, me)
    entries = superuser.execute(
        "SELECT b.organization_id, b.operator_id::text FROM audit.batches b"
        " JOIN audit.entries e ON e.organization_id = b.organization_id AND e.batch_id = b.id"
        " WHERE b.action = 'platform.accounts_read' AND e.resource_id = %s",
        (str(organization),),
    ).fetchall()
    assert sorted(entries, key=str) == sorted([(organization, me), (UUID(int=0), me)], key=str)


async def test_the_list_pages(operator: Operator, person: Person) -> None:
    first = (await operator.client.get("/api/v1/admin/organizations", params={"limit": 1})).json()
    second = await operator.client.get(
        "/api/v1/admin/organizations", params={"limit": 1, "cursor": first["page"]["next"]}
    )
    assert first["data"][0]["id"] > second.json()["data"][0]["id"]


async def test_looking_changes_nothing(operator: Operator, person: Person, app: FastAPI) -> None:
    async with _client(app) as eyes:
        began = await _look(operator, person)
        eyes.headers["Authorization"] = f"Bearer {began['access_token']}"
        seen = await eyes.get("/api/v1/auth/me")
        assert seen.json()["data"]["account"]["id"] == str(person.identity.account_id)
        operator_id = (await operator.client.get("/api/v1/admin/auth/me")).json()["data"]["id"]
        assert seen.headers["x-rowhouse-operator"] == operator_id
        for method, path in (("POST", "/api/v1/uploads"), ("POST", "/api/v1/auth/logout-all")):
            refused = await eyes.request(method, path)
            assert (refused.status_code, refused.json()["code"]) == (403, "read_only")
            assert refused.headers["x-rowhouse-operator"] == operator_id
        nothing = await eyes.get(f"/api/v1/jobs/{uuid7()}")
        assert (nothing.status_code, nothing.headers["x-rowhouse-operator"]) == (404, operator_id)
        assert (await eyes.post("/api/v1/auth/logout")).status_code == 204
        assert (await eyes.get("/api/v1/auth/me")).json()["code"] == "session_ended"


async def test_a_look_that_asks_too_often_is_marked_too(
    operator: Operator, person: Person, platform: Platform, superuser: Connection
) -> None:
    settings = platform.settings.model_copy(update={"limits_user": 1})
    began = await _look(operator, person)
    async with _client(api_on(replace(platform, settings=settings))) as eyes:
        eyes.headers["Authorization"] = f"Bearer {began['access_token']}"
        answers = [await eyes.get("/api/v1/auth/me") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[0].headers["x-rowhouse-operator"] == answers[1].headers["x-rowhouse-operator"]
    # And the log says that it was not its person who asked.
    entry = superuser.execute(
        "SELECT operator_id FROM audit.batches WHERE organization_id = %s AND action = 'limits.exceeded'",
        (person.identity.organization_id,),
    ).fetchone()
    assert entry is not None
    assert str(entry[0]) == answers[0].headers["x-rowhouse-operator"]


async def test_looking_stands_in_both_audit_logs(
    operator: Operator, person: Person, superuser: Connection
) -> None:
    await _look(operator, person)
    entries = superuser.execute(
        "SELECT organization_id, operator_id, details ->> 'reason' FROM audit.batches"
        " WHERE action LIKE '%%.impersonation_began' AND details ->> 'account_id' = %s",
        (str(person.identity.account_id),),
    ).fetchall()
    assert len(entries) == 2
    assert person.identity.organization_id in {row[0] for row in entries}
    assert all(row[1] is not None and row[2] == REASON for row in entries)


async def test_looking_ends_at_the_organization(operator: Operator, person: Person, app: FastAPI) -> None:
    """The person's other organizations are not looked into: there, nobody has given a reason."""
    made = (await person.client.post("/api/v1/organizations", json={"name": "Elsewhere"})).json()["data"]
    async with _client(app) as eyes:
        eyes.headers["Authorization"] = f"Bearer {(await _look(operator, person))['access_token']}"
        for organization_id, status in ((person.identity.organization_id, 200), (made["id"], 404)):
            answer = await eyes.get(f"/api/v1/organizations/{organization_id}/members")
            assert answer.status_code == status, answer.text


async def test_looking_ends_with_the_session_that_began_it(
    operator: Operator, person: Person, app: FastAPI, superuser: Connection
) -> None:
    """Another session of the same operator goes on, and so does what is looked at from there."""
    good = {"email": operator.email, "password": PASSWORD, "code": operator.code()}
    async with _client(app) as elsewhere, _client(app) as eyes, _client(app) as other_eyes:
        token = (await elsewhere.post(SIGN_IN, json=good)).json()["data"]["token"]
        elsewhere.headers["Authorization"] = f"Bearer {token}"
        other = Operator(operator.email, operator.secret, elsewhere)
        for looking, begun_by in ((eyes, operator), (other_eyes, other)):
            looking.headers["Authorization"] = f"Bearer {(await _look(begun_by, person))['access_token']}"
            assert (await looking.get("/api/v1/auth/me")).status_code == 200
        assert (await operator.client.post("/api/v1/admin/auth/logout")).status_code == 204
        assert (await eyes.get("/api/v1/auth/me")).json()["code"] == "session_ended"
        assert (await other_eyes.get("/api/v1/auth/me")).status_code == 200
        hashed = operator_sessions.hash_token(token)
        superuser.execute(
            "UPDATE kernel.operator_sessions SET expires_at = now() WHERE token_hash = %s", (hashed,)
        )
        assert (await other_eyes.get("/api/v1/auth/me")).json()["code"] == "session_ended"


async def test_a_disabled_operator_is_out_everywhere_at_once(
    operator: Operator, person: Person, admin: Database, app: FastAPI
) -> None:
    began = await _look(operator, person)
    async with _client(app) as eyes:
        eyes.headers["Authorization"] = f"Bearer {began['access_token']}"
        assert (await eyes.get("/api/v1/auth/me")).status_code == 200
        assert await service.disable(admin, operator.email)
        assert (await eyes.get("/api/v1/auth/me")).status_code == 401
    assert (await operator.client.get("/api/v1/admin/auth/me")).status_code == 401


async def test_an_operator_suspends_and_resumes(
    operator: Operator, person: Person, superuser: Connection
) -> None:
    path = f"/api/v1/admin/organizations/{person.identity.organization_id}"
    assert (await person.client.get("/api/v1/jobs")).status_code == 200
    suspended = await operator.client.post(f"{path}/suspend", json={"reason": REASON})
    assert (suspended.status_code, suspended.json()["data"]["state"]) == (200, "suspended")
    assert (await person.client.get("/api/v1/jobs")).status_code == 401
    again = await operator.client.post(f"{path}/suspend", json={"reason": REASON})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    body = {"account_id": str(person.identity.account_id), "reason": REASON}
    assert (await operator.client.post(f"{path}/impersonations", json=body)).status_code == 404
    resumed = await operator.client.post(f"{path}/resume", json={"reason": REASON})
    assert resumed.json()["data"]["state"] == "active"
    recorded = superuser.execute(
        "SELECT action FROM audit.batches WHERE organization_id = %s AND operator_id IS NOT NULL",
        (person.identity.organization_id,),
    ).fetchall()
    assert {"organization.suspended", "organization.resumed"} <= {row[0] for row in recorded}


@pytest.mark.parametrize(
    ("method", "door", "more"),
    [
        ("POST", "suspend", {}),
        ("GET", "accounts", None),
        ("GET", "flags", None),
        ("PUT", "flags/manual_workout_edit", {"enabled": False}),
        ("GET", "quota", None),
        ("PUT", "quota", {"plan": "standard"}),
    ],
)
async def test_an_organization_that_is_not_there_is_not_found(
    operator: Operator, method: str, door: str, more: dict[str, object] | None
) -> None:
    body = None if more is None else {"reason": REASON, **more}
    answer = await operator.client.request(method, f"/api/v1/admin/organizations/{uuid7()}/{door}", json=body)
    assert answer.status_code == 404


async def test_looking_wants_a_reason_and_a_living_member(operator: Operator, person: Person) -> None:
    path = f"/api/v1/admin/organizations/{person.identity.organization_id}/impersonations"
    short = await operator.client.post(
        path, json={"account_id": str(person.identity.account_id), "reason": "x"}
    )
    assert (short.status_code, short.json()["errors"][0]["field"]) == (422, "reason")
    other = await operator.client.post(path, json={"account_id": str(uuid7()), "reason": REASON})
    assert other.status_code == 404


async def test_an_operators_requests_are_counted(operator: Operator, platform: Platform) -> None:
    settings = platform.settings.model_copy(update={"limits_user": 3})
    strict = api_on(replace(platform, settings=settings))
    async with _client(strict) as client:
        client.headers.update(operator.client.headers)
        answers = [await client.get("/api/v1/admin/plans") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


async def test_support_looks_but_does_not_suspend(admin: Database, app: FastAPI) -> None:
    async with _client(app) as client:
        await set_up(admin, client, support=True)
        me = (await client.get("/api/v1/admin/auth/me")).json()["data"]
        assert "platform.organizations.write" not in me["permissions"]
        path = f"/api/v1/admin/organizations/{uuid7()}/suspend"
        assert (await client.post(path, json={"reason": REASON})).json()["code"] == "forbidden"


async def test_without_an_operator_the_look_ups_are_blind(platform: Platform, person: Person) -> None:
    """The functions see all organizations: they answer to a living operator of the context alone."""
    for identity in (NOBODY, person.identity):
        async with open_context(platform, identity, RequestInfo("test")) as ctx:
            for call in ("organizations(NULL, NULL, NULL, 10)", "platform_figures()"):
                assert (await ctx.session.execute(text(f"SELECT * FROM resolve.{call}"))).all() == []
            accounts = text("SELECT * FROM resolve.organization_accounts(:org, NULL, NULL, 10)")
            found = await ctx.session.execute(accounts, {"org": person.identity.organization_id})
            assert found.all() == []


def test_an_impersonation_ends_within_the_hour() -> None:
    assert timedelta() < IMPERSONATION_LIFE <= timedelta(hours=1)


async def _look(operator: Operator, person: Person) -> dict[str, str]:
    path = f"/api/v1/admin/organizations/{person.identity.organization_id}/impersonations"
    answer = await operator.client.post(
        path, json={"account_id": str(person.identity.account_id), "reason": REASON}
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json()["data"]
    return found


def _client(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(HOME, 40000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


async def test_operators_tables_are_shut_to_everybody_else(
    platform: Platform, operator: Operator, person: Person
) -> None:
    """Rows are their operator's own; an account's context, or none, sees not one."""
    for identity in (NOBODY, person.identity):
        async with open_context(platform, identity, RequestInfo("test")) as ctx:
            for table in ("operators", "operator_sessions"):
                assert await ctx.session.scalar(text(f"SELECT count(*) FROM kernel.{table}")) == 0
    own = Identity(
        operator_id=UUID((await operator.client.get("/api/v1/admin/auth/me")).json()["data"]["id"])
    )
    async with open_context(platform, own, RequestInfo("test")) as ctx:
        assert await ctx.session.scalar(text("SELECT count(*) FROM kernel.operators")) == 1
        assert await ctx.session.scalar(text("SELECT count(*) FROM kernel.operator_sessions")) == 1
