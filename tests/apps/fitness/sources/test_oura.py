"""Oura from connecting to revoking, against the sandbox over real sockets."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from rowhouse.apps.fitness.sources import subscribing
from rowhouse.apps.fitness.sources.oura import adapter, webhooks
from rowhouse.apps.fitness.sources.subscribing import keep_subscribed
from rowhouse.kernel.platform import Platform
from tests.apps.fitness.sources.conftest import Athlete, Mailbox

pytestmark = pytest.mark.enable_socket
PHASE = timedelta(minutes=5)


async def test_connected_synced_hinted_and_revoked(
    there: Platform,
    athlete: Athlete,
    mailbox: Mailbox,
    woken: list[UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(adapter, "WINDOW", timedelta(days=8))
    monkeypatch.setattr(subscribing, "hook_of", lambda *_: f"{mailbox.url}/oura")
    athlete.does("oura", sport="walk")
    assert await athlete.connect("oura") == "/sources?connected=oura"
    await athlete.work()
    source = await athlete.source()
    assert (source["status"], source["error"]) == ("connected", None)
    assert len(await athlete.workouts()) == len(athlete.truth("oura")) > 0
    truth = athlete.nights("oura")
    shown = {
        kind: [(row["date"], row["value"]) for row in await athlete.values(kind)]
        for kind in ("hrv_rmssd", "temperature_deviation", "spo2", "steps", "vo2max", "recovery_score")
    }
    assert shown == {
        "hrv_rmssd": [(f"{one.day}", float(round(one.hrv_rmssd_ms))) for one in truth],
        "temperature_deviation": [(f"{one.day}", one.temperature_deviation_c) for one in truth],
        "spo2": [(f"{one.day}", one.spo2_percent) for one in truth],
        "steps": [(f"{one.day}", one.steps) for one in truth],
        "vo2max": [(f"{one.day}", one.vo2max) for one in truth],
        "recovery_score": [(f"{one.day}", one.readiness) for one in truth],
    }
    [slept, *_] = await athlete.values("sleep_stages")
    night, stages = slept["night"], slept["night"]["stages"]
    assert (slept["value"], night["light_s"]) == (truth[0].asleep_s, truth[0].light_s)
    edges = [(datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"])) for one in stages]
    assert edges[0][0] == truth[0].bed_start
    assert all(before[1] == after[0] for before, after in pairwise(edges))
    assert timedelta() <= truth[0].bed_end - edges[-1][1] < PHASE
    assert (await athlete.sync())["result"]["imported"] == 0

    async def subscribed() -> Counter[tuple[str, int]]:
        athlete.sandbox.control("DELETE", "calls")
        await keep_subscribed(there, there.database)
        return Counter((call["method"], call["status"]) for call in athlete.calls("oura"))

    assert await subscribed() == {("GET", 200): 1, ("POST", 201): 18}
    assert await subscribed() == {("GET", 200): 1}
    monkeypatch.setattr(webhooks, "RENEWED_BEFORE", timedelta(days=91))
    assert await subscribed() == {("GET", 200): 1, ("PUT", 200): 18}

    athlete.sandbox.control("POST", f"athletes/{athlete.id}/nights")
    athlete.sandbox.control("GET", "deliveries")
    _, headers, body = mailbox.letters[0]
    assert await athlete.told("oura", body + b" ", woken, headers) == "webhook_refused"
    athlete.sandbox.control("DELETE", "calls")
    assert await athlete.deliver(mailbox, woken) == ["accepted"] * 4
    named = {call["path"].split("/")[3] for call in athlete.calls("oura") if call["path"].count("/") == 4}
    assert named == {"sleep", "daily_readiness", "daily_activity", "daily_spo2"}
    assert len(await athlete.values("hrv_rmssd")) == len(truth) + 1
    greeting = await athlete.http.get(
        "/api/v1/webhooks/oura/a-path-that-providers-know?verification_token=hello&challenge=abc"
    )
    assert greeting.json() == {"challenge": "abc"}

    assert (await athlete.http.delete(f"/api/v1/sources/{source['id']}")).status_code == 202
    await athlete.work()
    assert (await athlete.workouts(), await athlete.values("hrv_rmssd")) == ([], [])
    assert [c["status"] for c in athlete.calls("oura") if c["path"] == "/oauth/revoke"] == [200]


async def test_what_is_not_allowed_is_left_out(
    athlete: Athlete, mailbox: Mailbox, woken: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unticked on Oura's page: nights come, and neither workouts nor blood oxygen, also when a webhook tells of them."""
    monkeypatch.setattr(subscribing, "hook_of", lambda *_: f"{mailbox.url}/oura")
    await keep_subscribed(athlete.platform, athlete.platform.database)
    await athlete.connect("oura", scope=["personal", "daily"])
    await athlete.work()
    athlete.sandbox.control("POST", f"athletes/{athlete.id}/nights")
    assert await athlete.deliver(mailbox, woken) == ["accepted"] * 4
    assert (await athlete.source())["status"] == "connected"
    assert len(await athlete.values("hrv_rmssd")) == len(athlete.nights("oura")) + 1
    assert (await athlete.workouts(), await athlete.values("spo2")) == ([], [])
