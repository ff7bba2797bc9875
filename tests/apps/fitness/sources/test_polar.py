"""Polar from connecting to revoking, against the sandbox over real sockets."""

import hashlib
import hmac
import json
from uuid import UUID

import pytest

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
    ping = {"Polar-Webhook-Event": "PING", "Polar-Webhook-Signature": "of a key that nobody knows yet"}
    assert (await athlete.told("polar", b"{}", woken, ping), woken) == ("accepted", [])

    assert (await athlete.http.delete(f"/api/v1/sources/{source['id']}")).status_code == 202
    await athlete.work()
    assert await athlete.workouts() == []
    revoked = [c for c in athlete.calls("polar") if c["method"] == "DELETE"]
    assert [(c["path"], c["status"]) for c in revoked] == [(f"/v3/users/{athlete.ids['polar']}", 204)]
