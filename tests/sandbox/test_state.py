"""What a restart keeps, and what the first page is for."""

from pathlib import Path

import httpx

from sandbox.app import create
from sandbox.common.state import State
from tests.sandbox.conftest import HERE, Box
from tests.sandbox.test_strava import ALL, bearing, token


async def test_athletes_tokens_and_changes_outlive_a_restart(tmp_path: Path, box: Box) -> None:
    file = tmp_path / "state.json"
    first = create(file)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(first), base_url=HERE) as client:
        before = Box(first, client, box.receiver)
        athlete = await before.athlete(activities=20, days=4)
        back = await before.consented("/strava/oauth/authorize", "strava", ALL, athlete["id"])
        tokens = (await token(before, code=back["code"])).json()
        new = await before.control("POST", f"athletes/{athlete['id']}/activities", {"title": "Kept"})
        await before.control("PATCH", f"athletes/{athlete['id']}/activities/5", {"title": "Renamed"})
        await before.control("DELETE", f"athletes/{athlete['id']}/activities/3")
        truth = await before.control("GET", f"athletes/{athlete['id']}/activities")
        await before.control("GET", f"athletes/{athlete['id']}")
        state: State = first.state.sandbox
        state.save()
        await state.http.aclose()
    again = create(file)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(again), base_url=HERE) as client:
        after = Box(again, client, box.receiver)
        assert await after.control("GET", f"athletes/{athlete['id']}/activities") == truth
        shown = await client.get("/strava/api/v3/athlete/activities", headers=bearing(tokens))
        assert shown.json()[0]["id"] == new["at"]["strava"]["id"]
        await again.state.sandbox.http.aclose()
    assert len(file.read_bytes()) < 20_000, "only what can't be made again"


async def test_the_first_page_makes_athletes(box: Box) -> None:
    made = await box.http.post("/athletes", data={"seed": "4", "activities": "3"})
    assert made.status_code == 303
    page = (await box.http.get("/")).text
    (athlete,) = await box.control("GET", "athletes")
    for said in (athlete["name"], athlete["garmin_personal_key"], "sandbox-whoop-secret", f"{HERE}/oura"):
        assert said in page
    assert (await box.http.post("/_sandbox/athletes", json={"seed": 1, "zodiac": "owl"})).status_code == 422
    assert (await box.http.get("/_sandbox/athletes/nobody")).status_code == 404
