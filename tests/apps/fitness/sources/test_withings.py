"""Withings from connecting to revoking, against the sandbox over real sockets."""

from uuid import UUID

import pytest

from rowhouse.apps.fitness.sources import syncing
from tests.apps.fitness.sources.conftest import Athlete, Mailbox

pytestmark = pytest.mark.enable_socket


async def test_connected_synced_hinted_and_revoked(
    athlete: Athlete, mailbox: Mailbox, woken: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "hook_of", lambda *_: f"{mailbox.url}/withings")
    assert await athlete.connect("withings") == "/sources?connected=withings"
    await athlete.work()
    source = await athlete.source()
    assert (source["status"], source["error"]) == ("connected", None)
    assert len(await athlete.workouts()) == len(athlete.truth("withings")) > 1
    truth = athlete.nights("withings")
    shown = {
        kind: [(row["date"], row["value"]) for row in await athlete.values(kind)]
        for kind in ("weight", "body_fat", "sleep_duration", "steps", "energy")
    }
    assert shown == {
        "weight": [(f"{one.day}", one.weight_kg) for one in truth],
        "body_fat": [(f"{one.day}", one.fat_percent) for one in truth],
        "sleep_duration": [(f"{one.day}", one.asleep_s) for one in truth],
        "steps": [(f"{one.day}", one.steps) for one in truth],
        "energy": [(f"{one.day}", one.active_kcal + one.resting_kcal) for one in truth],
    }
    assert (await athlete.values("weight"))[0]["device"] == "Body Comp"
    assert (await athlete.sync())["result"]["imported"] == 0
    told = [call for call in athlete.calls("withings") if call["path"] == "/notify"]
    assert len(told) == 3, "once, and not with every sync"

    athlete.sandbox.control("POST", f"athletes/{athlete.id}/nights")
    assert await athlete.deliver(mailbox, woken) == ["accepted"] * 3
    assert len(await athlete.values("weight")) == len(truth) + 1
    assert await athlete.told("withings", b"userid=1&appli=x", woken) == "webhook_unreadable"
    greeting = await athlete.http.head("/api/v1/webhooks/withings/a-path-that-providers-know")
    assert greeting.status_code == 200

    fault = {"withings": {"status": 429, "times": 1, "paths": "/measure"}}
    athlete.sandbox.control("PUT", "faults", fault)
    assert (await athlete.sync())["state"] == "queued", "it comes again when the limit is over"
    athlete.sandbox.control("DELETE", "faults")
    await athlete.work(waiting=True)
    assert (await athlete.source())["status"] == "connected"

    assert (await athlete.http.delete(f"/api/v1/sources/{source['id']}")).status_code == 202
    await athlete.work()
    assert (await athlete.workouts(), await athlete.values("weight")) == ([], [])
    asked = [c["status"] for c in athlete.calls("withings") if c["path"] in ("/v2/oauth2", "/v2/signature")]
    assert set(asked) == {200}
    grants = athlete.sandbox.control("GET", "grants")
    assert all(one["revoked_at"] for one in grants if one["provider"] == "withings")


async def test_refused_tokens_need_the_person_again(athlete: Athlete) -> None:
    """Withings says so inside of an answer that is 200."""
    await athlete.connect("withings")
    await athlete.work()
    [grant] = [one for one in athlete.sandbox.control("GET", "grants") if one["provider"] == "withings"]
    athlete.sandbox.control("POST", f"grants/{grant['id']}/revoke")
    await athlete.sync()
    assert (await athlete.source())["status"] == "needs_reauth"
