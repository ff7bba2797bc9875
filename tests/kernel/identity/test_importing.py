"""People from elsewhere keep their passwords and get their accounts; a file is imported whole or not at all."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import bcrypt
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.identity.importing import BadImport, Imported, import_people, read_rows
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.lifecycle.steps import LifecycleStep
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.registry import App, Registry
from rowhouse.kit.ids import uuid7
from tests.kernel.identity.doubles import (
    OTHER_PASSWORD,
    PASSWORD,
    Caller,
    Person,
    bearer,
    code_of,
    context,
    data,
    new_email,
)
from tests.kernel.lifecycle.staging import Stage

HEADER = "email,hash,role,organization\n"


def hashed() -> str:
    return bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


def written(folder: Path, *rows: str) -> Path:
    path = folder / "people.csv"
    path.write_text(HEADER + "\n".join(rows), encoding="utf-8")
    return path


async def test_they_sign_in_as_before(caller: Caller, platform: Platform, tmp_path: Path) -> None:
    club, by_bcrypt, by_argon = f"Club {uuid7().hex}", new_email(), new_email()
    argon = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    rows = [f"{by_bcrypt},{hashed()},owner,{club}", f'{by_argon},"{argon}",member,{club}']
    file = written(tmp_path, *rows)
    assert await import_people(platform, file) == Imported(people=2, accounts=2)
    first, second = [data(await caller.sign_in(email)) for email in (by_bcrypt, by_argon)]
    assert first["account"]["organization_id"] == second["account"]["organization_id"]
    assert (first["account"]["role"], second["account"]["role"]) == ("owner", "member")
    me = data(await caller.get("/me", headers=bearer(first["access_token"])))
    assert me["organization"]["name"] == club
    assert await import_people(platform, file) == Imported(people=0, accounts=0)


async def test_an_organization_that_they_bring_is_provisioned_once(
    platform: Platform, tmp_path: Path
) -> None:
    begun: list[UUID] = []

    async def step(ctx: Ctx) -> None:
        begun.append(ctx.org)

    app = App(
        "test", "Test", "test", lifecycle=(LifecycleStep("test.step", "provision", step, at_once=True),)
    )
    staged = replace(platform, registry=Registry((*platform.registry.apps, app)))
    club = f"Club {uuid7().hex}"
    file = written(tmp_path, *(f"{new_email()},,{role},{club}" for role in ("owner", "member")))
    for _ in range(2):
        await import_people(staged, file)
    assert len(begun) == 1


async def test_an_organization_that_they_bring_is_set_up_before_they_act_in_it(
    caller: Caller, stage: Stage, tmp_path: Path
) -> None:
    email, club = new_email(), f"Club {uuid7().hex}"
    file = written(tmp_path, f"{email},{hashed()},owner,{club}", f"{new_email()},,member,{club}")
    assert await import_people(stage.platform, file) == Imported(people=2, accounts=2)
    assert code_of(await caller.sign_in(email)) == (403, "organization_provisioning")
    assert len(stage.jobs) == 1
    await stage.work()
    assert data(await caller.sign_in(email))["account"]["role"] == "owner"


async def test_who_is_here_already_keeps_their_password(
    caller: Caller, person: Person, platform: Platform, tmp_path: Path
) -> None:
    other = bcrypt.hashpw(OTHER_PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    row = f"{person.email.upper()},{other},viewer,{person.identity.organization_id}"
    assert await import_people(platform, written(tmp_path, row)) == Imported(people=0, accounts=1)
    signed_in = data(await caller.sign_in(person.email))
    me = data(await caller.get("/me", headers=bearer(signed_in["access_token"])))
    assert {account["role"] for account in me["accounts"]} == {"owner", "viewer"}
    assert (await caller.sign_in(person.email, OTHER_PASSWORD)).status_code == 401


@pytest.mark.parametrize(
    "row",
    [
        "no address,,owner,Club",
        "a@example.com,plaintext-password,owner,Club",
        "a@example.com,,,Club",
        "a@example.com,,owner,",
    ],
)
async def test_a_file_with_a_mistake_changes_nothing(platform: Platform, tmp_path: Path, row: str) -> None:
    good = new_email()
    with pytest.raises(BadImport, match="line 3"):
        await import_people(platform, written(tmp_path, f"{good},,owner,Club", row))
    with pytest.raises(BadImport, match="hash"):
        read_rows_without_hash(tmp_path)


def read_rows_without_hash(folder: Path) -> None:
    path = folder / "bad.csv"
    path.write_text("email,role,organization\n", encoding="utf-8")
    read_rows(path)


@pytest.mark.parametrize(
    ("role", "where"), [("emperor", "Club"), ("owner", str(uuid7()))], ids=["role", "organization"]
)
async def test_no_role_and_no_organization_is_made_up(
    platform: Platform, tmp_path: Path, person: Person, role: str, where: str
) -> None:
    email = new_email()
    with pytest.raises(BadImport):
        await import_people(platform, written(tmp_path, f"{email},,{role},{where}"))
    async with context(platform, person.identity) as ctx:
        assert await ctx.session.scalar(select(func.count()).where(User.email_key == email)) == 0
