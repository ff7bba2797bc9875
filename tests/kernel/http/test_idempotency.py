"""The same key twice: done once, answered alike; and whatever dies half-way leaves nothing."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from rowhouse.kernel.context import Identity
from rowhouse.kernel.http import replaying
from rowhouse.kernel.idempotency.answers import Claim
from rowhouse.kernel.idempotency.chores import forget_answers
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.settings import Settings
from tests.conftest import MakePerson, Person
from tests.generators.activities import activity
from tests.generators.fit import fit_file
from tests.operators import administrator
from tests.services import Services

ORGANIZATIONS = "/api/v1/organizations"


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def owned(person: Person) -> int:
    return len((await person.client.get(ORGANIZATIONS)).json()["data"])


async def test_the_same_again_is_the_same_answer(person: Person) -> None:
    first = await person.client.post(ORGANIZATIONS, json={"name": "Once"}, headers=keyed("k-1"))
    again = await person.client.post(ORGANIZATIONS, json={"name": "Once"}, headers=keyed("k-1"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == "application/json"
    assert again.headers["x-ratelimit-limit"]
    assert await owned(person) == 2
    other = await person.client.post(ORGANIZATIONS, json={"name": "Another"}, headers=keyed("k-1"))
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    elsewhere = await person.client.post("/api/v1/audit/verify", headers=keyed("k-1"))
    assert elsewhere.status_code == 202


async def test_a_key_shown_once_is_shown_again_to_who_repeats_and_stored_sealed(
    person: Person, make_person: MakePerson, services: Services, database_name: str
) -> None:
    body = {"name": "ci", "permissions": ["kernel.jobs.read"]}
    first, again = [
        (await person.client.post("/api/v1/api-keys", json=body, headers=keyed("k"))).json()["data"]
        for _ in range(2)
    ]
    assert first["key"] == again["key"]
    stranger = await make_person()
    theirs = await stranger.client.post("/api/v1/api-keys", json=body, headers=keyed("k"))
    assert theirs.status_code == 201
    assert theirs.json()["data"]["key"] != first["key"]
    with psycopg.connect(services.dsn("postgres", database_name)) as connection:
        rows = connection.execute(
            "SELECT a::text FROM kernel.idempotent_answers a WHERE account_id = %s",
            [person.identity.account_id],
        ).fetchall()
    assert len(rows) == 1
    assert first["key"] not in rows[0][0]


async def test_of_fifty_at_once_one_is_done(person: Person) -> None:
    asking = [
        person.client.post(ORGANIZATIONS, json={"name": "Race"}, headers=keyed("race")) for _ in range(50)
    ]
    answers = await asyncio.gather(*asking)
    said = Counter((a.status_code, a.json().get("code")) for a in answers)
    assert set(said) <= {(201, None), (409, "idempotency_in_progress")}
    assert len({a.content for a in answers if a.status_code == 201}) == 1
    assert all(a.headers["retry-after"] == "1" for a in answers if a.status_code == 409)
    assert await owned(person) == 2


async def test_what_dies_half_way_leaves_nothing_and_the_next_try_does_it(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection goes after the effect and the answer were written, before the commit, as with kill -9."""
    keep = Claim.keep

    async def die(self: Claim, answer: Any) -> None:
        await keep(self, answer)
        with pytest.raises(Exception, match="terminat"):
            await self.ctx.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        raise asyncio.CancelledError

    monkeypatch.setattr(Claim, "keep", die)
    with pytest.raises(asyncio.CancelledError):
        await person.client.post(ORGANIZATIONS, json={"name": "Twice"}, headers=keyed("dies"))
    monkeypatch.undo()
    assert await owned(person) == 1
    after = await person.client.post(ORGANIZATIONS, json={"name": "Twice"}, headers=keyed("dies"))
    assert after.status_code == 201
    assert "idempotency-replayed" not in after.headers
    assert await owned(person) == 2


async def test_a_refusal_is_not_kept(person: Person) -> None:
    refused = await person.client.post(ORGANIZATIONS, json={"name": ""}, headers=keyed("r"))
    assert refused.status_code == 422
    assert (
        await person.client.post(ORGANIZATIONS, json={"name": "Now"}, headers=keyed("r"))
    ).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
async def test_odd_keys_are_refused(person: Person, key: str) -> None:
    answer = await person.client.post(ORGANIZATIONS, json={"name": "n"}, headers=keyed(key))
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


async def test_an_upload_is_taken_once(person: Person) -> None:
    def send() -> Any:
        files = [("files", ("a.fit", fit_file(activity(seed=3))))]
        return person.client.post("/api/v1/uploads", files=files, headers=keyed("upload"))

    answers = [await send(), await send()]
    assert [a.status_code for a in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    together = await asyncio.gather(
        *(
            person.client.post(
                "/api/v1/uploads", files=[("files", ("b.fit", b"x"))], headers=keyed("together")
            )
            for _ in range(4)
        )
    )
    assert Counter(a.status_code for a in together)[202] >= 1
    assert len({a.content for a in together if a.status_code == 202}) == 1
    jobs = (await person.client.get("/api/v1/uploads")).json()["data"]
    assert len(jobs) == 2


async def test_after_a_day_a_key_is_new(
    person: Person,
    platform: Platform,
    settings: Settings,
    open_ctx: Callable[[Identity], Any],
    services: Services,
    database_name: str,
) -> None:
    for key in ("old", "older"):
        await person.client.post(ORGANIZATIONS, json={"name": key}, headers=keyed(key))
    with psycopg.connect(services.dsn("postgres", database_name)) as connection:
        connection.execute("SET session_replication_role = replica")  # or the stamp would stay
        connection.execute(
            "UPDATE kernel.idempotent_answers SET created_at = created_at - interval '25 hours'"
            " WHERE account_id = %s",
            [person.identity.account_id],
        )
    again = await person.client.post(ORGANIZATIONS, json={"name": "old"}, headers=keyed("old"))
    assert again.status_code == 201
    assert "idempotency-replayed" not in again.headers
    async with administrator(settings) as admin:
        await forget_answers(platform, admin)
    async with open_ctx(person.identity) as ctx:
        left = await ctx.session.scalars(text("SELECT key FROM kernel.idempotent_answers"))
        assert left.all() == ["old"]


async def test_signing_in_takes_no_keys(person: Person) -> None:
    for _ in range(2):
        answer = await person.client.post("/api/v1/auth/logout-all", headers=keyed("auth"))
        assert "idempotency-replayed" not in answer.headers
    assert not replaying.takes_keys("POST", "/api/v1/auth/logout", "account")
