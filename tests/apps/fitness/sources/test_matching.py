"""What several services have of the same training, put together: each outing once, whoever is connected first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import httpx
import pytest

from rowhouse.apps.fitness.matching import score
from rowhouse.apps.fitness.sources.garmin_personal import adapter as garmin
from rowhouse.kernel.platform import Platform
from tests.apps.fitness.sources.conftest import Athlete
from tests.conftest import MakePerson, api_on
from tests.sandbox.served import Served

pytestmark = pytest.mark.enable_socket
ORDERS = (("strava", "garmin", "whoop"), ("whoop", "garmin", "strava"))

Outing = frozenset[tuple[str, int]]
"""Who has it, and by which second it begins there."""


async def seen_through(
    there: Platform, sandbox: Served, make_person: MakePerson, made: Any, order: Sequence[str]
) -> set[Outing]:
    """The workouts of a newcomer who connects the services one after the other."""
    person = await make_person()
    app = api_on(there)
    transport = httpx.ASGITransport(app=app, client=("203.0.113.77", 40000))
    headers = {"Authorization": person.client.headers["Authorization"]}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", headers=headers
    ) as http:
        athlete = Athlete(there, sandbox, person, http, made["id"], made["ids"])
        for provider in order:
            if provider == "garmin":
                await athlete.connect_by_key()
            else:
                await athlete.connect(provider)
            await athlete.work()
        found = set()
        for one in await athlete.workouts():
            detail = (await http.get(f"/api/v1/workouts/{one['id']}")).json()["data"]
            found.add(frozenset((s["provider"], second(s["start_time"])) for s in detail["sources"]))
    return found


def second(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp())


async def test_each_outing_is_one_workout_in_whatever_order_it_comes(
    there: Platform, sandbox: Served, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garmin, "EMPTY_WINDOWS", 1)
    made = sandbox.athlete(23, activities=8, days=12)
    done = sandbox.control("GET", f"athletes/{made['id']}/activities")
    truth: set[Outing] = {
        frozenset((name, second(at["start"])) for name, at in one["at"].items() if name in ORDERS[0])
        for one in done
    } - {frozenset()}
    assert max(map(len, truth)) == len(ORDERS[0])
    found = [await seen_through(there, sandbox, make_person, made, order) for order in ORDERS]
    assert found[0] == truth
    assert found[1] == truth


async def test_what_is_to_be_decided_is_told(athlete: Athlete, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is sure enough, the second source's sync leaves questions, and says so once."""
    monkeypatch.setattr(score, "SAME_ODDS", 1e9)
    athlete.does("strava", "whoop", days_ago=2, elapsed_s=900)
    for provider in ("strava", "whoop"):
        await athlete.connect(provider)
        await athlete.work()
    found = (await athlete.http.get("/api/v1/matches?state=open")).json()["data"]
    assert found
    notices = (await athlete.http.get("/api/v1/notices")).json()["data"]
    told = [one["text"] for one in notices if one["kind"] == "fitness.import"]
    assert len(told) == 1
    assert told[0].startswith("WHOOP has brought what may be here already: ")
