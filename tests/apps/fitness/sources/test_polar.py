"""Polar from connecting to revoking, against the sandbox over real sockets."""

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from rowhouse.apps.fitness.sources.polar.adapter import KEPT
from rowhouse.apps.fitness.sources.polar.body import read_profile, read_sleep
from tests.apps.fitness.sources.conftest import POLAR_KEY, Athlete

pytestmark = pytest.mark.enable_socket
STAMP = "2026-11-27T08:00:00Z"


async def test_connected_synced_hinted_and_revoked(athlete: Athlete, woken: list[UUID]) -> None:
    assert await athlete.connect("polar") == "/sources?connected=polar"
    assert (await athlete.http.get("/api/v1/flags")).json()["data"]["polar"] is True, "it has credentials"
    # Polar shows what came since.
    athlete.does("polar", days_ago=2, sport="ride", device="vantage")
    athlete.does("polar", sport="run", device="vantage")
    await athlete.work()
    source = await athlete.source()
    assert (source["status"], source["error"]) == ("connected", None)
    assert 0 < source["quota"]["used"] < source["quota"]["limit"]
    truth = athlete.truth("polar")
    workouts = await athlete.workouts()
    assert len(workouts) == len(truth) == 2
    detail = (await athlete.http.get(f"/api/v1/workouts/{workouts[0]['id']}")).json()["data"]
    # The watch's own file: its device, its laps, its samples, and it can be had again.
    [origin] = detail["sources"]
    assert (origin["provider"], origin["file"]["name"][-4:]) == ("polar", ".fit")
    assert detail["laps"]
    assert "heart_rate_bpm" in detail["channels"]
    original = await athlete.http.get(origin["file"]["href"])
    assert (original.status_code, original.content[8:12]) == (200, b".FIT")

    nights = athlete.nights("polar")
    shown = {
        kind: [(row["date"], row["value"]) for row in await athlete.values(kind)]
        for kind in ("hrv_rmssd", "sleep_stages", "steps", "energy")
    }
    assert shown == {
        "hrv_rmssd": [(f"{one.day}", float(round(one.hrv_rmssd_ms))) for one in nights],
        "sleep_stages": [(f"{one.day}", one.asleep_s) for one in nights],
        "steps": [(f"{one.day}", one.steps) for one in nights],
        "energy": [(f"{one.day}", one.active_kcal + one.resting_kcal) for one in nights],
    }
    june = {"from": "2026-06-01", "to": "2026-06-30"}
    for kind, flag in (("weight", "manual"), ("vo2max", "estimate")):
        profile = await athlete.http.get("/api/v1/biometrics", params={"type": kind, **june})
        [known] = profile.json()["data"]
        assert (known["date"], known["flags"]) == ("2026-06-10", [flag])
    assert (await athlete.sync())["result"]["imported"] == 0

    added = athlete.does("polar", days_ago=0.5)
    listed = [call for call in athlete.calls("polar") if call["path"].endswith("/exercises")]
    said = {
        "event": "EXERCISE",
        "user_id": athlete.ids["polar"],
        "entity_id": f"{added['at']['polar']['id']:X}",
        "timestamp": STAMP,
    }
    body = json.dumps(said).encode()
    proof = {"Polar-Webhook-Signature": hmac.new(POLAR_KEY.encode(), body, hashlib.sha256).hexdigest()}
    assert await athlete.told("polar", body, woken, proof) == "accepted"
    assert len(await athlete.workouts()) == len(workouts) + 1
    assert len([c for c in athlete.calls("polar") if c["path"].endswith("/exercises")]) == len(listed) + 1
    assert await athlete.told("polar", body + b" ", woken, proof) == "webhook_refused"
    days = [{"event": kind, "date": f"{nights[-1].day}"} for kind in ("SLEEP", "ACTIVITY_SUMMARY")]
    for more in (*days, {"event": "PHYSICAL_INFORMATION"}):
        athlete.sandbox.control("DELETE", "calls")
        body = json.dumps({"user_id": athlete.ids["polar"], "timestamp": STAMP, **more}).encode()
        proof = {"Polar-Webhook-Signature": hmac.new(POLAR_KEY.encode(), body, hashlib.sha256).hexdigest()}
        assert await athlete.told("polar", body, woken, proof) == "accepted"
        assert all(call["status"] == 200 for call in athlete.calls("polar"))
    ping = {"Polar-Webhook-Event": "PING", "Polar-Webhook-Signature": "of a key that nobody knows yet"}
    assert (await athlete.told("polar", b"{}", woken, ping), woken) == ("accepted", [])

    assert (await athlete.http.delete(f"/api/v1/sources/{source['id']}")).status_code == 202
    await athlete.work()
    assert await athlete.workouts() == []
    revoked = [c for c in athlete.calls("polar") if c["method"] == "DELETE"]
    assert [(c["path"], c["status"]) for c in revoked] == [(f"/v3/users/{athlete.ids['polar']}", 204)]


async def test_a_weight_stays_when_there_is_a_later_one(
    athlete: Athlete, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, object]] = []
    monkeypatch.setitem(KEPT, "profile", replace(KEPT["profile"], things=lambda _: told))
    for modified in ("2026-06-10", "2026-06-20"):
        said = {"modified": f"{modified}T12:00:00Z", "weight": 60.0, "weight_source": "SOURCE_USER"}
        told[:] = [said]
        await athlete.connect("polar")
        await athlete.work()
    june = {"from": "2026-06-01", "to": "2026-06-30"}
    weights = await athlete.http.get("/api/v1/biometrics", params={"type": "weight", **june})
    assert [one["date"] for one in weights.json()["data"]] == ["2026-06-20", "2026-06-10"]


def test_a_hypnogram_becomes_stages_over_midnight() -> None:
    night = {
        "date": "2026-11-27",
        "sleep_start_time": "2026-11-26T23:39:07+01:00",
        "sleep_end_time": "2026-11-27T00:59:37+01:00",
        "light_sleep": 3600,
        "deep_sleep": 1230,
        "rem_sleep": 0,
        "hypnogram": {"23:39": 2, "23:50": 3, "00:10": 0, "00:12": 5, "00:20": 4},
    }
    _, told = read_sleep(night)
    assert told.night is not None
    assert [(one.stage, f"{one.start:%H:%M:%S}", f"{one.end:%H:%M:%S}") for one in told.night.stages] == [
        ("light", "23:39:07", "23:50:00"),
        ("light", "23:50:00", "00:10:00"),
        ("awake", "00:10:00", "00:12:00"),
        ("deep", "00:20:00", "00:59:37"),
    ]
    assert (told.day.isoformat(), told.timezone, told.value) == ("2026-11-27", "+01:00", 4830)


def test_a_weight_that_polar_has_guessed_is_nobodys() -> None:
    profile = {"modified": "2026-06-10T12:00:00Z", "weight": 70.5, "vo2_max": 50}
    kinds = {
        source: {one.kind: one.flags for one in read_profile({**profile, "weight_source": source})}
        for source in ("SOURCE_MEASURED", "SOURCE_USER", "SOURCE_ESTIMATE")
    }
    vo2max = {"vo2max": ("estimate",)}
    assert kinds == {
        "SOURCE_MEASURED": {"weight": (), **vo2max},
        "SOURCE_USER": {"weight": ("manual",), **vo2max},
        "SOURCE_ESTIMATE": vo2max,
    }


async def test_what_was_uploaded_too_stays_when_the_source_goes(athlete: Athlete) -> None:
    """The very same bytes are another original, which the athlete can take back."""
    assert await athlete.connect("polar") == "/sources?connected=polar"
    for days_ago in (2, 1):
        athlete.does("polar", days_ago=days_ago, sport="ride", device="vantage")
    await athlete.work()
    one, _ = await athlete.workouts()
    [brought] = await origins(athlete, one["id"])
    original = (await athlete.http.get(brought["href"])).content
    answer = await athlete.http.post("/api/v1/uploads", files=[("files", ("own.fit", original))])
    assert answer.status_code == 202, answer.text
    await athlete.work()
    detail = await athlete.detail()
    assert (detail["workouts"], detail["alone"]) == (2, 1)
    answer = await athlete.http.delete(f"/api/v1/files/{brought['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "file_of_source")
    source = await athlete.source()
    assert (await athlete.http.delete(f"/api/v1/sources/{source['id']}")).status_code == 202
    await athlete.work()
    assert [left["id"] for left in await athlete.workouts()] == [one["id"]]
    [own] = await origins(athlete, one["id"])
    assert (own["name"], (await athlete.http.get(own["href"])).content) == ("own.fit", original)
    assert (await athlete.http.delete(f"/api/v1/files/{own['id']}")).status_code == 202
    await athlete.work()
    assert await athlete.workouts() == []


async def origins(athlete: Athlete, workout_id: str) -> list[Any]:
    """The files that a workout is made of."""
    detail = (await athlete.http.get(f"/api/v1/workouts/{workout_id}")).json()["data"]
    return [one["file"] for one in detail["sources"]]
