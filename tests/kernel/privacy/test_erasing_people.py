"""Erasing a person: asked for, called off, done at once; everything of theirs goes and nothing of anybody else's."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text, update

from rowhouse.kernel.audit.verify import verify
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.ledger.ledger import read_ledger
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy import deleting, erasing
from rowhouse.kernel.privacy.certificates import (
    CertificateInvalid,
    keys_of_jwks,
    known_keys,
    verify_certificate,
)
from rowhouse.kernel.privacy.models import PersonDeletion
from rowhouse.kernel.work import open_context
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.conftest import MakePerson, Person
from tests.isolation.tenants import HERE, PASSWORD, Someone, furnish, someone
from tests.kernel.membership.fixtures import admin

__all__ = ["admin"]


async def ask(person: Person, **more: Any) -> httpx.Response:
    return await person.client.request("DELETE", "/api/v1/account", json={"password": PASSWORD, **more})


async def test_it_is_asked_for_with_a_proof_and_called_off_by_the_mailed_link(
    platform: Platform,
    person: Person,
    client: httpx.AsyncClient,
    admin: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens: list[str] = []

    async def keep(_ctx: Ctx, email: str, template: str, values: Mapping[str, Any]) -> None:
        assert (email, template) == (person.email, "account_deletion")
        tokens.append(values["token"])

    monkeypatch.setattr(deleting, "send_mail", keep)
    assert (await ask(person, password="something-else-entirely")).json()["code"] == "step_up_refused"
    assert (await person.client.request("DELETE", "/api/v1/account", json={})).status_code in (401, 403, 422)
    started = (await ask(person)).json()["data"]
    assert (await ask(person)).json()["data"] == started, "asking again changes nothing"
    waiting = (await person.client.get("/api/v1/account/deletion")).json()["data"]
    assert waiting == {"job_id": started["job_id"], "erased_at": started["erased_at"]}
    assert person.identity.user_id not in await erasing.find_due(admin, 1000)
    assert person.identity.user_id is not None
    with pytest.raises(erasing.NotDue):
        await erasing.erase_person(platform, admin, person.identity.user_id)
    job = (await person.client.get(f"/api/v1/jobs/{started['job_id']}")).json()["data"]
    assert (job["kind"], job["state"]) == ("kernel.erase_person", "queued")
    [token] = tokens
    answer = await client.post("/api/v1/account/keep", json={"token": f"{token}x"})
    assert (answer.status_code, answer.json()["code"]) == (404, "deletion_invalid")
    assert (await client.post("/api/v1/account/keep", json={"token": token})).status_code == 204
    assert (await client.post("/api/v1/account/keep", json={"token": token})).status_code == 404
    assert (await person.client.get("/api/v1/account/deletion")).json()["data"] is None
    job = (await person.client.get(f"/api/v1/jobs/{started['job_id']}")).json()["data"]
    assert job["state"] == "cancelled"
    assert (await ask(person)).status_code == 202
    for begun, kept in ((now(), 404), (None, 204)):
        # What has begun to go is not kept any more, by link or by hand.
        async with admin.session(Binding()) as session, session.begin():
            own = update(PersonDeletion).where(PersonDeletion.user_id == person.identity.user_id)
            await session.execute(own.values(started_at=begun))
        if begun:
            answer = await client.post("/api/v1/account/keep", json={"token": tokens[-1]})
            assert answer.status_code == 404, answer.text
        assert (await person.client.delete("/api/v1/account/deletion")).status_code == kept
    assert (await person.client.delete("/api/v1/account/deletion")).status_code == 404


async def test_a_person_goes_and_their_colleagues_stay(
    platform: Platform, app: FastAPI, admin: Database, client: httpx.AsyncClient
) -> None:
    ada = await someone(platform, app)
    bob = await someone(platform, app, beside=ada)
    for one in (ada, bob):
        await furnish(platform, one)
    theirs = (await ada.client.get("/api/v1/workouts")).json()
    await ask_at_once(platform, bob)
    assert bob.identity.user_id is not None
    certificate = await erasing.erase_person(platform, admin, bob.identity.user_id)
    stated = certificate["statement"]
    assert stated["erased"]["fitness.workouts"] == 2
    assert {n for part in stated["left"].values() for n in part.values()} == {0}
    assert [a["organization_id"] for a in stated["accounts"]] == [str(ada.identity.organization_id)]
    assert len(stated["organizations"]) == 2, "their own, and the one they had founded"
    assert (await ada.client.get("/api/v1/workouts")).json() == theirs
    members = (await ada.client.get(f"/api/v1/organizations/{ada.identity.organization_id}/members")).json()[
        "data"
    ]
    assert bob.canary not in json.dumps(members)
    answer = await bob.client.get("/api/v1/workouts")
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")
    login = {"email": f"{bob.canary}@example.org", "password": PASSWORD}
    assert (await client.post("/api/v1/auth/login", json=login)).status_code == 401
    async with open_context(platform, Identity(organization_id=ada.identity.organization_id), HERE) as ctx:
        assert (await verify(ctx)).ok
    with pytest.raises(erasing.NotDue):
        await erasing.erase_person(platform, admin, bob.identity.user_id)
    for one in (ada, bob):
        await one.client.aclose()


async def test_who_let_them_see_something_is_told(platform: Platform, app: FastAPI, admin: Database) -> None:
    """And nobody who let somebody else."""
    ada = await someone(platform, app)
    bob, cleo = [await someone(platform, app, beside=ada) for _ in range(2)]
    for giver, to in ((ada, bob), (cleo, ada)):
        body = {
            "account_id": str(to.identity.account_id),
            "resource": {"kind": "fitness.athlete", "id": str(giver.identity.account_id)},
            "permissions": ["fitness.workouts.read"],
        }
        assert (await giver.client.post("/api/v1/grants", json=body)).status_code == 201
    await ask_at_once(platform, bob)
    assert bob.identity.user_id is not None
    stated = (await erasing.erase_person(platform, admin, bob.identity.user_id))["statement"]
    assert stated["erased"]["kernel.grants"] == 1
    told = (await ada.client.get("/api/v1/notices")).json()["data"]
    assert [one["kind"] for one in told] == ["kernel.sharing_ended"]
    assert (await cleo.client.get("/api/v1/notices")).json()["data"] == []
    [left] = (await ada.client.get("/api/v1/grants")).json()["data"]
    assert left["account_id"] == str(ada.identity.account_id)
    for one in (ada, bob, cleo):
        await one.client.aclose()


async def test_the_session_that_asked_gets_its_certificate(
    platform: Platform, admin: Database, make_person: MakePerson, client: httpx.AsyncClient
) -> None:
    person, stranger = await make_person(), await make_person()
    started = (await ask(person, now=True)).json()["data"]
    path = f"/api/v1/jobs/{started['job_id']}"
    assert person.identity.user_id in await erasing.find_due(admin, 1000)
    assert person.identity.user_id is not None
    await erasing.erase_person(platform, admin, person.identity.user_id)
    job = (await person.client.get(path)).json()["data"]
    assert (job["state"], job["done"], job["total"]) == ("succeeded", 1, 1)
    certificate = job["result"]["certificate"]
    assert (await stranger.client.get(path)).status_code == 404
    other = f"/api/v1/jobs/{UUID(int=7)}"
    assert (await person.client.get(other)).json()["code"] == "session_ended"
    assert (await person.client.get("/api/v1/jobs")).json()["code"] == "session_ended"
    public = (await client.get(started["certificate_url"])).json()["data"]
    assert public == certificate
    assert (await client.get(f"/api/v1/privacy/certificates/{uuid7()}")).status_code == 404
    jwks = (await client.get("/.well-known/jwks.json")).json()
    for keys in (await known_keys(admin), keys_of_jwks(jwks)):
        assert verify_certificate(certificate, keys) == certificate["statement"]
        for tampered in (
            certificate | {"statement": certificate["statement"] | {"erased_at": "2026-01-01"}},
            certificate | {"signature": certificate["signature"][:-6] + "AAAAAA"},
            certificate | {"signature": person.client.headers["authorization"].removeprefix("Bearer ")},
            {"statement": certificate["statement"]},
        ):
            with pytest.raises(CertificateInvalid):
                verify_certificate(tampered, keys)
    token = {"Authorization": f"Bearer {certificate['signature']}"}
    assert (await client.get("/api/v1/auth/me", headers=token)).status_code == 401
    ledger = [entry async for entry in read_ledger(platform.storage, platform.sealer)]
    assert ("person", person.identity.user_id) in {(entry.kind, entry.id) for entry in ledger}


async def test_an_only_owner_hands_over_first(platform: Platform, app: FastAPI, admin: Database) -> None:
    ada = await someone(platform, app)
    cleo = await someone(platform, app, beside=ada)
    body = {"password": PASSWORD}
    answer = await ada.client.request("DELETE", "/api/v1/account", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "only_owner")
    await ask_at_once(platform, ada)
    assert ada.identity.user_id is not None
    with pytest.raises(erasing.Held):
        await erasing.erase_person(platform, admin, ada.identity.user_id)
    assert ada.identity.user_id not in await erasing.find_due(admin, 1000), "tried again tomorrow"
    async with open_context(platform, ada.identity, HERE) as ctx:
        await ctx.session.execute(
            update(Account)
            .where(Account.organization_id == ctx.org, Account.id == cleo.identity.account_id)
            .values(role="owner")
        )
    assert (await ada.client.request("DELETE", "/api/v1/account", json=body)).status_code == 202
    for one in (ada, cleo):
        await one.client.aclose()


async def test_it_goes_on_where_it_was_killed(
    platform: Platform, app: FastAPI, admin: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await someone(platform, app)
    bob = await someone(platform, app, beside=ada)
    await furnish(platform, bob)
    await ask_at_once(platform, bob)
    assert bob.identity.user_id is not None
    empty, seen = erasing._empty, 0

    async def killed(*arguments: Any) -> None:
        nonlocal seen
        seen += 1
        if seen in (4, 30):
            raise KeyboardInterrupt
        await empty(*arguments)

    monkeypatch.setattr(erasing, "_empty", killed)
    monkeypatch.setattr(erasing, "BATCH", 1)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            await erasing.erase_person(platform, admin, bob.identity.user_id)
    certificate = await erasing.erase_person(platform, admin, bob.identity.user_id)
    assert certificate["statement"]["erased"]["fitness.workouts"] == 2, "counted once over all rounds"
    for one in (ada, bob):
        await one.client.aclose()


async def test_the_role_that_erases_is_bound_to_whose_erasure_has_begun(
    platform: Platform, make_person: MakePerson, admin: Database
) -> None:
    due, other = await make_person(), await make_person()
    await ask(due, now=True)
    await ask(other)
    for one in (due, other):
        who = one.identity
        for table in (*erasing.account_tables(), *erasing.person_tables()):
            for binding in (
                Binding(user_id=who.user_id),
                Binding(who.organization_id, who.user_id, who.account_id),
            ):
                async with admin.session(binding) as session, session.begin():
                    gone = await session.execute(table.delete())
                    assert gone.rowcount == 0, table  # type: ignore[attr-defined]  # a CursorResult
    assert due.identity.user_id is not None
    await erasing.erase_person(platform, admin, due.identity.user_id)
    async with open_context(platform, other.identity, HERE) as ctx:
        assert await ctx.session.scalar(
            select(func.count()).select_from(PersonDeletion).where(PersonDeletion.user_id == ctx.user)
        )
    assert (await other.client.get("/api/v1/auth/me")).status_code == 200


async def ask_at_once(platform: Platform, one: Someone) -> None:
    """What stands when the seven days are over; somebody with a second factor would have to show it."""
    async with open_context(platform, one.identity, HERE) as ctx:
        await ctx.session.execute(
            text(
                "INSERT INTO kernel.person_deletions (user_id, id, due_at, cancel_hash)"
                " VALUES (:user, gen_random_uuid(), now(), sha256('x'))"
                " ON CONFLICT (user_id) DO NOTHING"
            ),
            {"user": one.identity.user_id},
        )
    assert platform.settings.admin_database_url is not None
    database = Database(platform.settings.admin_database_url.get_secret_value(), pool_size=1)
    async with database.session(Binding()) as session, session.begin():
        await session.execute(
            text("UPDATE kernel.person_deletions SET due_at = now() WHERE user_id = :user"),
            {"user": one.identity.user_id},
        )
    await database.close()
