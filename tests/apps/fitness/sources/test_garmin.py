"""Garmin from connecting to revoking, against the sandbox over real sockets."""

import json
from collections import Counter
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from rowhouse.apps.fitness.sources.garmin import adapter
from rowhouse.apps.fitness.sources.garmin.health import READERS, read_sleep
from rowhouse.apps.fitness.sources.garmin_personal import adapter as personal
from rowhouse.kernel.connections.watching import watch
from rowhouse.kit.time import now
from tests.apps.fitness.sources.conftest import Athlete, Mailbox
from tests.operators import administrator

pytestmark = pytest.mark.enable_socket


def listen(athlete: Athlete, mailbox: Mailbox, *kinds: str) -> None:
    """The portal knows the addresses."""
    for kind in kinds:
        address = {"provider": "garmin", "callback_url": f"{mailbox.url}/garmin", "kinds": [kind]}
        athlete.sandbox.control("POST", "subscriptions", address)


@pytest.fixture(autouse=True)
def three_months(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of back-fill are enough."""
    monkeypatch.setattr(adapter, "BACK_TO", timedelta(days=90))


async def test_pings_bring_the_files(athlete: Athlete, mailbox: Mailbox, woken: list[UUID]) -> None:
    listen(athlete, mailbox, "activities", "activityFiles", "sleeps", "hrv", "bodyComps")
    assert await athlete.connect("garmin") == "/sources?connected=garmin"
    await athlete.work()
    source = await athlete.source()
    assert (source["status"], source["error"], source["quota"]) == ("connected", None, None)
    asked = [call["path"] for call in athlete.calls("garmin") if "/backfill/" in call["path"]]
    assert Counter(path.rpartition("/")[2] for path in asked) == {
        "activities": 3,
        **dict.fromkeys(READERS, 1),
    }
    athlete.sandbox.control("GET", "deliveries")
    _, client, first_ping = mailbox.letters[0]
    assert set(await athlete.deliver(mailbox, woken)) == {"accepted"}
    truth, workouts = athlete.truth("garmin"), await athlete.workouts()
    assert [one["title"] for one in workouts] == [one["title"] for one in truth]
    assert len(workouts) > 2
    detail = (await athlete.http.get(f"/api/v1/workouts/{workouts[0]['id']}")).json()["data"]
    [origin] = detail["sources"]
    assert (origin["provider"], origin["file"]["name"][-4:]) == ("garmin", ".fit")
    assert detail["laps"]
    assert "heart_rate_bpm" in detail["channels"]

    nights = athlete.nights("garmin")
    last, [rows] = nights[0], json.loads(first_ping).values()
    uploaded = int(last.bed_end.timestamp()) + 1200
    bounds = {"uploadStartTimeInSeconds": uploaded - 60, "uploadEndTimeInSeconds": uploaded + 60}
    window = {"userId": rows[0]["userId"], **bounds}
    body = {"dailies": [window], "userMetrics": [window]}
    assert await athlete.told("garmin", body, woken, client) == "accepted"
    shown = {
        kind: [(row["date"], row["value"]) for row in await athlete.values(kind)]
        for kind in ("hrv_rmssd", "sleep_stages", "weight", "steps", "resting_hr", "vo2max")
    }
    assert shown == {
        "hrv_rmssd": [(f"{one.day}", float(round(one.hrv_rmssd_ms))) for one in nights],
        "sleep_stages": [(f"{one.day}", one.asleep_s) for one in nights],
        "weight": [(f"{one.day}", pytest.approx(one.weight_kg, abs=0.005)) for one in nights],
        "steps": [(f"{last.day}", last.steps)],
        "resting_hr": [(f"{last.day}", last.resting_hr_bpm)],
        "vo2max": [(f"{last.day}", last.vo2max)],
    }

    # Renamed: the same file under another title; the athlete's own word stays.
    first = workouts[0]
    await athlete.http.put(f"/api/v1/workouts/{first['id']}", json={"sport": "hike"})
    change = {"title": "Named anew"}
    athlete.sandbox.control("PATCH", f"athletes/{athlete.id}/activities/{truth[0]['number']}", change)
    assert set(await athlete.deliver(mailbox, woken)) == {"accepted"}
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
    athlete: Athlete, mailbox: Mailbox, woken: list[UUID]
) -> None:
    listen(athlete, mailbox, "activities", "deregistrations")
    assert await athlete.connect("garmin") == "/sources?connected=garmin"
    await athlete.work()
    await athlete.deliver(mailbox, woken)
    [grant] = [
        one
        for one in athlete.sandbox.control("GET", "grants")
        if one["provider"] == "garmin" and one["athlete_id"] == athlete.id
    ]
    token = next(one["value"] for one in grant["tokens"] if one["kind"] == "access")
    shown = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(headers=shown, timeout=30, trust_env=False) as garmin:
        left = await garmin.delete(f"{athlete.sandbox.url}/garmin/wellness-api/rest/user/registration")
    assert left.status_code == 204, left.text
    assert await athlete.deliver(mailbox, woken) == ["accepted"]
    assert (await athlete.source())["status"] == "needs_reauth"
    assert len(await athlete.workouts()) == len(athlete.truth("garmin")), "what is here stays"


async def test_an_athletes_own_key(athlete: Athlete, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal, "EMPTY_WINDOWS", 2)
    monkeypatch.setattr(personal, "PER_PAGE", 3)
    offers = (await athlete.http.get("/api/v1/sources/providers")).json()["data"]
    ways = {one["provider"]: one["way"] for one in offers}
    assert (ways["garmin-personal"], ways["garmin"], ways["zwift"]) == ("key", "page", None)
    answer = await athlete.http.post("/api/v1/sources/garmin-personal/connect")
    assert (answer.status_code, answer.json()["code"]) == (409, "key_needed")
    door = "/api/v1/sources/garmin-personal/key"
    answer = await athlete.http.post(door, json={"key": "a-guessed-key"})
    assert (answer.status_code, answer.json()["code"]) == (400, "key_refused")
    assert "a-guessed-key" not in answer.text
    assert (
        await athlete.http.post("/api/v1/sources/garmin/key", json={"key": "12345678"})
    ).status_code == 404

    key = athlete.sandbox.control("GET", f"athletes/{athlete.id}")["garmin_personal_key"]
    ends_on = (now() + timedelta(days=6)).date().isoformat()
    answer = await athlete.http.post(door, json={"key": key, "ends_on": ends_on})
    assert answer.status_code == 202, answer.text
    await athlete.work()
    source = await athlete.source()
    assert (source["provider"], source["status"], source["error"]) == ("garmin-personal", "connected", None)
    truth, workouts = athlete.truth("garmin"), await athlete.workouts()
    assert [one["title"] for one in workouts] == [one["title"] for one in truth]
    detail = (await athlete.http.get(f"/api/v1/workouts/{workouts[0]['id']}")).json()["data"]
    assert [one["file"]["name"][-4:] for one in detail["sources"]] == [".fit"]
    # Its token ends each day: the key brings the next. Its own end is told a week ahead.
    [grant] = [g for g in athlete.sandbox.control("GET", "grants") if g["athlete_id"] == athlete.id]
    athlete.sandbox.control("POST", f"grants/{grant['id']}/expire")
    athlete.does("garmin", days_ago=0.1)
    assert (await athlete.sync())["result"]["imported"] == 1
    async with administrator(athlete.platform.settings) as admin:
        await watch(athlete.platform, admin)
    told = (await athlete.http.get("/api/v1/notices")).json()["data"]
    assert [one["text"].startswith("The connection to Garmin (your own key) ends on") for one in told] == [
        True
    ]
    # Taken back by its athlete, it is asked for anew.
    athlete.sandbox.control("POST", f"grants/{grant['id']}/revoke")
    assert (await athlete.sync())["error"]["code"] == "reauthorization_needed"
    assert (await athlete.source())["status"] == "needs_reauth"
    assert (await athlete.http.delete(f"/api/v1/sources/{source['id']}")).status_code == 202
    await athlete.work()
    assert await athlete.workouts() == []


async def test_what_was_uploaded_late_comes_within_a_week(
    athlete: Athlete, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No webhook tells of it, and it began before what a sync looks back to; likewise of what was renamed."""
    monkeypatch.setattr(personal, "EMPTY_WINDOWS", 2)
    old = athlete.does("garmin", days_ago=30)
    await athlete.connect_by_key()
    await athlete.work()

    def asked() -> int:
        lists = [one for one in athlete.calls("garmin_personal") if one["path"] == "/personal-api/activities"]
        athlete.sandbox.control("DELETE", "calls")
        return len(lists)

    everything = asked()
    athlete.does("garmin", days_ago=40)
    title = {"title": "Named anew"}
    athlete.sandbox.control("PATCH", f"athletes/{athlete.id}/activities/{old['number']}", title)
    assert ((await athlete.sync())["result"]["imported"], asked()) == (0, 1)
    monkeypatch.setattr(personal, "now", lambda: now() + personal.ALL_EVERY)
    assert ((await athlete.sync())["result"]["imported"], asked() >= everything) == (2, True)
    told = [one["title"] for one in await athlete.workouts()]
    assert told == [one["title"] for one in athlete.truth("garmin")]
    assert ((await athlete.sync())["result"]["imported"], asked()) == (0, 1)


def test_a_nights_stages_and_means_stand_in_its_summary() -> None:
    at = 1_795_000_000
    night = {
        "summaryId": "x-1",
        "calendarDate": "2026-11-18",
        "startTimeInSeconds": at,
        "startTimeOffsetInSeconds": 3600,
        "durationInSeconds": 3000,
        "awakeDurationInSeconds": 600,
        "validation": "AUTO_FINAL",
        "sleepLevelsMap": {
            "deep": [{"startTimeInSeconds": at + 1200, "endTimeInSeconds": at + 3600}],
            "light": [{"startTimeInSeconds": at, "endTimeInSeconds": at + 600}],
            "awake": [{"startTimeInSeconds": at + 600, "endTimeInSeconds": at + 1200}],
            "unmeasurable": [{"startTimeInSeconds": at, "endTimeInSeconds": at + 60}],
        },
        "timeOffsetSleepSpo2": {"0": 95, "60": 97},
        "timeOffsetSleepRespiration": {"0": 14, "60": 15},
    }
    told = {one.kind: one for one in read_sleep(night)}
    stages = told["sleep_stages"].night
    assert stages is not None
    assert [one.stage for one in stages.stages] == ["light", "awake", "deep"]
    assert stages.stages[-1].end == stages.end
    assert (told["spo2"].value, told["respiration"].value, told["spo2"].timezone) == (96, 14.5, "+01:00")
    assert read_sleep(night | {"validation": "ENHANCED_TENTATIVE"}) == ()
