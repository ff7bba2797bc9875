"""Consents with their effect; archives before erasure; erasing again after a backup; the page made from the code."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text, update

import rowhouse
from rowhouse.installed import registry
from rowhouse.kernel.context import Identity
from rowhouse.kernel.db.binding import Binding
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.lifecycle import erasure, transitions
from rowhouse.kernel.organizations.models import Organization
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy import archives, erasing
from rowhouse.kernel.privacy.describing import describe, undescribed
from rowhouse.kernel.privacy.models import Consent
from rowhouse.kernel.privacy.reapplying import reapply
from rowhouse.kernel.storage.storage import platform_key
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.conftest import Person
from tests.isolation.tenants import HERE, furnish, someone
from tests.kernel.membership.fixtures import admin
from tests.kernel.privacy.test_erasing_people import ask_at_once

__all__ = ["admin"]

UPLOAD = {"files": ("x.fit", b"nothing")}
HEALTH = "/api/v1/privacy/consents/fitness.health_data"


async def test_a_consent_is_withdrawn_and_given_again(platform: Platform, person: Person) -> None:
    client = person.client
    [found] = [
        c for c in (await client.get("/api/v1/privacy/consents")).json()["data"] if c["purpose"] in HEALTH
    ]
    assert (found["given"], found["since"]) == (True, None), "it came with the terms"
    said = {"given": False, "version": found["version"]}
    assert (await client.put(HEALTH, json=said)).json()["data"]["given"] is False
    answer = await client.post("/api/v1/uploads", files=UPLOAD)
    assert (answer.status_code, answer.json()["code"]) == (403, "consent_withdrawn")
    stale = await client.put(HEALTH, json={"given": True, "version": "1999"})
    assert (stale.status_code, stale.json()["code"]) == (409, "consent_changed")
    assert (await client.put(HEALTH, json=said | {"given": True})).json()["data"]["since"]
    assert (await client.post("/api/v1/uploads", files=UPLOAD)).status_code == 202
    assert (await client.put("/api/v1/privacy/consents/nobody.knows", json=said)).status_code == 404
    async with open_context(platform, person.identity, HERE) as ctx:
        rows = (
            await ctx.session.scalars(select(Consent).where(Consent.user_id == ctx.user).order_by(Consent.id))
        ).all()
        assert [(row.given, row.client_address) for row in rows] == [
            (False, "203.0.113.1"),
            (True, "203.0.113.1"),
        ]
        for change in ("UPDATE kernel.consents SET given = true", "DELETE FROM kernel.consents"):
            with pytest.raises(Exception, match="permission denied"):
                async with ctx.session.begin_nested():
                    await ctx.session.execute(text(change))


async def test_an_archive_outlives_its_organization_where_it_said_so(
    platform: Platform,
    app: FastAPI,
    admin: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = await someone(platform, app)
    await furnish(platform, ada)
    org = ada.identity.organization_id
    assert org is not None
    monkeypatch.setattr(transitions, "GRACE", timedelta())
    async with open_context(platform, Identity(organization_id=org), HERE) as ctx:
        settings = {"archive_on_erasure": True, "archive_days": 10}
        await ctx.session.execute(
            update(Organization).where(Organization.id == ctx.org).values(settings=settings)
        )
        await transitions.delete(ctx, reason="test")
    report = await erasure.erase(platform, admin, org, "test")
    [(key, size)] = report["archives"].items()
    assert key.startswith(f"{platform_key('archives', str(org))}/")
    sealed = await platform.storage.get(key)
    assert size == len(sealed)
    assert ada.canary.encode() not in sealed
    into = tmp_path / "archive.zip"
    await archives.open_archive(platform, key, into, "test")
    with zipfile.ZipFile(into) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        folder = f"accounts/{ada.identity.account_id}/fitness"
        lines = archive.read(f"{folder}/workouts.jsonl").splitlines()
    assert {json.loads(line)["title"] for line in lines} == {ada.canary}
    assert len([name for name in names if name.startswith(f"{folder}/originals/")]) == 2
    assert not [name for name in names if "users" in name or "sessions" in name or "passkeys" in name]
    for damaged in (sealed[:-40], sealed[:500] + b"x" + sealed[501:]):
        await platform.storage.put(key, damaged)
        with pytest.raises(archives.ArchiveDamaged):
            await archives.open_archive(platform, key, into, "test")
    monkeypatch.setattr(archives, "now", lambda: now() + timedelta(days=11))
    assert await archives.remove_archives(platform) >= 1
    assert not await platform.storage.exists(key)
    await ada.client.aclose()


async def test_who_was_erased_is_erased_again_after_a_backup(
    platform: Platform, app: FastAPI, admin: Database
) -> None:
    """A restored row is one with its old values: the ledger says that it has to go."""
    ada = await someone(platform, app)
    bob = await someone(platform, app, beside=ada)
    await ask_at_once(platform, bob)
    assert bob.identity.user_id is not None
    await erasing.erase_person(platform, admin, bob.identity.user_id)
    async with open_context(platform, bob.identity, HERE) as ctx:
        values = {"name": bob.canary, "email": f"{bob.canary}@example.org", "state": "active"}
        await ctx.session.execute(update(User).where(User.id == ctx.user).values(**values))
    said = [line async for line in reapply(platform, admin, platform.storage)]
    assert [line for line in said if str(bob.identity.user_id) in line]
    async with open_context(platform, bob.identity, HERE) as ctx:
        user = await ctx.session.get_one(User, ctx.user)
        assert (user.name, user.state) == ("Erased", "erased")
    assert [line async for line in reapply(platform, admin, platform.storage)] == []
    async with admin.session(Binding()) as session:
        waiting = await session.scalar(
            text("SELECT count(*) FROM kernel.person_deletions WHERE user_id = :user"),
            {"user": bob.identity.user_id},
        )
    assert waiting == 0
    for one in (ada, bob):
        await one.client.aclose()


def test_the_page_is_what_the_code_says() -> None:
    assert undescribed(registry) == [], (
        "say in App.holdings why the table is there, then `rowhouse docs privacy`"
    )
    page = Path(rowhouse.__file__).parents[2] / "docs" / "privacy.md"
    assert page.read_text(encoding="utf-8") == describe(registry), "run `rowhouse docs privacy`"
