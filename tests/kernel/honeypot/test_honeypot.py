"""Whoever touches what nobody has a reason to touch is noticed, and learns nothing of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import quote

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg.rows import dict_row

from rowhouse.kernel.db.database import Database
from rowhouse.kernel.honeypot.planting import Honeypot, plant
from rowhouse.kernel.honeypot.telling import HoneypotRound
from rowhouse.kernel.http.rounds import make_rounds
from rowhouse.kernel.observability.metrics import HONEYPOT_TOUCHES
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.watch.decoys import KINDS, decoys
from rowhouse.kit.ids import uuid7
from tests.conftest import Person
from tests.services import Services

Do = Callable[[httpx.AsyncClient, str], Awaitable[httpx.Response]]


@pytest.fixture(scope="module")
async def pot(platform: Platform) -> Honeypot:
    assert platform.settings.admin_database_url is not None
    admin = Database(platform.settings.admin_database_url.get_secret_value(), pool_size=1)
    email = f"finance-{uuid7().hex}@example.org"
    try:
        return await plant(platform, admin, email=email, person="Robin Vale", organization="Vale Holding")
    finally:
        await admin.close()


@pytest.fixture
async def watched(platform: Platform, pot: Honeypot) -> AsyncIterator[Honeypot]:
    """Every process has learned the decoys; other tests' requests are not compared with them."""
    await HoneypotRound()(platform)
    yield pot
    decoys.take()
    decoys._kinds = {}


def touches() -> dict[str, float]:
    return {kind: HONEYPOT_TOUCHES.labels(kind)._value.get() for kind in KINDS}


def row_of(pot: Honeypot) -> str:
    rows = [str(id_) for id_, kind in decoys._kinds.items() if kind == "row"]
    assert len(rows) >= pot.rows > 3
    return rows[-1]


async def show_key(stranger: httpx.AsyncClient, key: str) -> httpx.Response:
    return await stranger.get("/api/v1/workouts", headers={"Authorization": f"Bearer {key}"})


async def test_its_key_works_and_is_noticed(client: httpx.AsyncClient, watched: Honeypot) -> None:
    before = touches()
    answer = await show_key(client, watched.api_key)
    assert answer.status_code == 200
    assert len(answer.json()["data"]) == watched.rows
    wrong = watched.api_key[:-6] + "AAAAAA"
    assert (await show_key(client, wrong)).json()["code"] == "api_key_invalid"
    assert touches() == before | {"api_key": before["api_key"] + 2}


async def test_its_person_signs_in_and_is_noticed_before(
    client: httpx.AsyncClient, watched: Honeypot
) -> None:
    before = touches()["person"]
    credentials = {"email": watched.email, "password": "not the password"}
    assert (await client.post("/api/v1/auth/login", json=credentials)).status_code == 401
    assert touches()["person"] == before + 1
    right = credentials | {"password": watched.password}
    answer = await client.post("/api/v1/auth/login", json=right)
    assert answer.status_code == 200
    client.headers["Authorization"] = f"Bearer {answer.json()['data']['access_token']}"
    assert (await client.get("/api/v1/jobs")).status_code == 200
    assert touches()["person"] == before + 3


@pytest.mark.parametrize(
    "ask",
    [
        lambda client, id_: client.get(f"/api/v1/workouts/{id_}"),
        lambda client, id_: client.get(f"/api/v1/workouts/{id_.replace('-', '').upper()}"),
        lambda client, id_: client.patch(f"/api/v1/workouts/{id_}", json={"title": "Mine"}),
        lambda client, id_: client.get(f"/api/v1/workouts?athlete_id={quote(id_).replace('-', '%2D')}"),
        lambda client, id_: client.post("/api/v1/workouts/merge", json={"workout_ids": [id_, str(uuid7())]}),
        lambda client, id_: client.get(f"/nowhere/{id_}"),
    ],
    ids=["path", "without hyphens", "change", "query", "body", "no route"],
)
async def test_an_id_of_its_is_noticed_and_answered_like_any_other(
    person: Person, watched: Honeypot, ask: Do
) -> None:
    row, before = row_of(watched), touches()
    nobodys = await ask(person.client, str(uuid7()))
    assert touches() == before
    decoy = await ask(person.client, row)
    assert touches() == before | {"row": before["row"] + 1}
    assert (decoy.status_code, shape(decoy)) == (nobodys.status_code, shape(nobodys))


def shape(answer: httpx.Response) -> dict[str, object]:
    """Whatever an answer says, but for what differs between any two."""
    if "json" not in answer.headers.get("content-type", ""):
        return {"headers": sorted(answer.headers)}
    return {**answer.json(), "request_id": None, "headers": sorted(answer.headers)}


async def test_a_stranger_without_any_credential_is_noticed(
    client: httpx.AsyncClient, watched: Honeypot
) -> None:
    before = touches()["organization"]
    assert (await client.get(f"/api/v1/organizations/{watched.organization_id}")).status_code == 401
    assert touches()["organization"] == before + 1


async def test_the_log_says_it_where_the_asker_cannot_read(
    platform: Platform,
    app: FastAPI,
    person: Person,
    watched: Honeypot,
    services: Services,
    database_name: str,
) -> None:
    row = row_of(watched)
    for _ in range(3):
        await person.client.get(f"/api/v1/workouts/{row}", headers={"X-Request-ID": "the-touch"})
    await make_rounds(platform)
    with psycopg.connect(services.dsn("postgres", database_name), row_factory=dict_row) as superuser:
        found = superuser.execute(
            "SELECT * FROM audit.batches b JOIN audit.entries e ON e.batch_id = b.id AND e.organization_id ="
            " b.organization_id WHERE b.request_id = 'the-touch'"
        ).fetchall()
    [entry] = found
    assert entry["action"] == "security.honeypot_touched"
    assert entry["organization_id"].int == 0
    assert entry["resource_id"] == row
    assert entry["details"]["account_id"] == str(person.identity.account_id)
    assert entry["details"]["route"] == "/api/v1/workouts/{workout_id}"
    assert entry["details"]["status"] == 404


async def test_nobody_is_noticed_where_nothing_was_planted(person: Person, pot: Honeypot) -> None:
    before = touches()
    assert not decoys
    await person.client.get(f"/api/v1/organizations/{pot.organization_id}")
    assert touches() == before
