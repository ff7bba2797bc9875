"""Garmin from connecting to revoking, against the sandbox over real sockets."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from rowhouse.apps.fitness.sources.garmin import adapter
from tests.apps.fitness.sources.conftest import Athlete, Mailbox

pytestmark = pytest.mark.enable_socket

KINDS = ("activities", "activityFiles", "deregistrations")


@pytest.fixture
def pings(athlete: Athlete, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """The portal knows the addresses; a back-fill of three months is enough."""
    monkeypatch.setattr(adapter, "BACK_TO", timedelta(days=90))
    for kind in KINDS:
        address = {"provider": "garmin", "callback_url": f"{mailbox.url}/garmin", "kinds": [kind]}
        athlete.sandbox.control("POST", "subscriptions", address)
    return mailbox


async def test_pings_bring_the_files(athlete: Athlete, pings: Mailbox, woken: list[UUID]) -> None:
    assert await athlete.connect("garmin") == "/sources?connected=garmin"
    await athlete.work()
    source = await athlete.source()
    assert (source["status"], source["error"], source["quota"]) == ("connected", None, None)
    asked = [call["path"] for call in athlete.calls("garmin") if "/backfill/" in call["path"]]
    assert asked == ["/wellness-api/rest/backfill/activities"] * 3, "three months"
    assert set(await athlete.deliver(pings, woken)) == {"accepted"}
    truth, workouts = athlete.truth("garmin"), await athlete.workouts()
    assert [one["title"] for one in workouts] == [one["title"] for one in truth]
    assert len(workouts) > 2
    detail = (await athlete.http.get(f"/api/v1/workouts/{workouts[0]['id']}")).json()["data"]
    [origin] = detail["sources"]
    assert (origin["provider"], origin["file"]["name"][-4:]) == ("garmin", ".fit")
    assert detail["laps"]
    assert "heart_rate_bpm" in detail["channels"]

    # Renamed: the same file under another title; the athlete's own word stays.
    first = workouts[0]
    await athlete.http.put(f"/api/v1/workouts/{first['id']}", json={"sport": "hike"})
    change = {"title": "Named anew"}
    athlete.sandbox.control("PATCH", f"athletes/{athlete.id}/activities/{truth[0]['number']}", change)
    assert set(await athlete.deliver(pings, woken)) == {"accepted"}
    [named] = [one for one in await athlete.workouts() if one["id"] == first["id"]]
    assert (named["title"], named["sport"]) == ("Named anew", "hike")
    assert len(await athlete.workouts()) == len(workouts)

    # What a ping names is asked of Garmin's own address, whatever address it names; a stranger's is not taken at all.
    lie = {"activities": [{"userId": "nobody", "callbackURL": "http://10.0.0.1/"}]}
    assert await athlete.told("garmin", lie, woken, {"garmin-client-id": "guessed"}) == "webhook_refused"

    answer = await athlete.http.delete(f"/api/v1/sources/{source['id']}")
    assert answer.status_code == 202, answer.text
    await athlete.work()
    assert await athlete.workouts() == []
    revoked = [c for c in athlete.calls("garmin") if c["method"] == "DELETE"]
    assert [(c["path"], c["status"]) for c in revoked] == [("/wellness-api/rest/user/registration", 204)]


async def test_who_leaves_at_garmin_is_asked_to_connect_again(
    athlete: Athlete, pings: Mailbox, woken: list[UUID]
) -> None:
    assert await athlete.connect("garmin") == "/sources?connected=garmin"
    await athlete.work()
    await athlete.deliver(pings, woken)
    [grant] = [
        one
        for one in athlete.sandbox.control("GET", "grants")
        if one["provider"] == "garmin" and one["athlete_id"] == athlete.id
    ]
    token = next(one["value"] for one in grant["tokens"] if one["kind"] == "access")
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, trust_env=False) as garmin:
        left = await garmin.delete(f"{athlete.sandbox.url}/garmin/wellness-api/rest/user/registration")
    assert left.status_code == 204, left.text
    assert await athlete.deliver(pings, woken) == ["accepted"]
    assert (await athlete.source())["status"] == "needs_reauth"
    assert len(await athlete.workouts()) == len(athlete.truth("garmin")), "what is here stays"
