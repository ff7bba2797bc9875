"""WHOOP from connecting to revoking, against the sandbox over real sockets."""

from datetime import date, datetime
from uuid import UUID

import numpy as np
import pytest

from rowhouse.apps.fitness.load.sampling import Histogram
from rowhouse.apps.fitness.load.trimp import banister
from rowhouse.apps.fitness.recordings.recording import Converted
from rowhouse.apps.fitness.sources.whoop import adapter, cycles
from tests.apps.fitness.sources.conftest import Athlete, Mailbox

pytestmark = pytest.mark.enable_socket


def test_a_cycle_that_is_no_day_counts_nowhere() -> None:
    said = {
        "id": 7,
        "updated_at": "2026-05-02T06:00:00.000Z",
        "start": "2026-05-01T22:00:00.000Z",
        "end": "2026-05-02T22:30:00.000Z",
        "timezone_offset": "-05:00",
        "score_state": "SCORED",
        "score": {"kilojoule": 8368.0},
    }
    [one] = cycles.read(said)
    assert (one.value, one.day, one.original) == (2000.0, date(2026, 5, 2), Converted(8368.0, "kJ"))
    [two_days] = cycles.read(said | {"end": "2026-05-03T14:00:00.000Z"})
    assert two_days.confidence == 0
    assert cycles.read({name: value for name, value in said.items() if name != "end"}) == ()


async def test_connected_synced_hinted_and_revoked(
    athlete: Athlete, mailbox: Mailbox, woken: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "PER_PAGE", 4)
    for kind, value in {"sex": "female", "resting_hr_bpm": 50, "max_hr_bpm": 190, "lthr_bpm": 168}.items():
        said = {"value": value, "valid_from": "2020-01-01"}
        answer = await athlete.http.put(f"/api/v1/thresholds/{kind}", json=said)
        assert answer.status_code == 200, answer.text
    assert await athlete.connect("whoop") == "/sources?connected=whoop"
    await athlete.work()
    source = await athlete.source()
    assert (source["status"], source["error"]) == ("connected", None)
    assert 0 < source["quota"]["used"] < source["quota"]["limit"]
    truth = sorted(athlete.truth("whoop"), key=lambda one: one["at"]["whoop"]["start"], reverse=True)
    workouts = await athlete.workouts()
    assert len(workouts) == len(truth) > 2
    for one, shown in zip(truth, workouts, strict=True):
        assert shown["start_time"].replace("Z", "+00:00") == one["at"]["whoop"]["start"]
        assert shown["duration_s"] == one["at"]["whoop"]["elapsed_s"]
        assert shown["avg_hr_bpm"] > 60
        # WHOOP tells neither samples nor a moving time: its mean heart rate is that of the time elapsed.
        assert shown["moving_time_s"] is None
        beaten = Histogram(round(shown["avg_hr_bpm"]), 1, np.array([shown["duration_s"]], dtype=np.float32))
        assert shown["load"]["trimp"] == pytest.approx(banister(beaten, 50, 190, "female").value, abs=0.01)
        assert (shown["load"]["tss"] > 0, shown["load"]["method"]) == (True, "heart_rate_average")
    assert [call["path"] for call in athlete.calls("whoop") if "/workout/" in call["path"]] == []
    truth_of_nights = athlete.nights("whoop")
    hrv = await athlete.values("hrv_rmssd")
    assert [(row["date"], row["value"]) for row in hrv] == [
        (f"{night.day}", night.hrv_rmssd_ms) for night in truth_of_nights
    ]
    assert {row["source"] for row in hrv} == {"whoop"}
    energy = await athlete.values("energy")
    assert [(row["date"], row["value"], row["flags"]) for row in energy] == [
        (f"{night.day}", pytest.approx(night.active_kcal + night.resting_kcal, abs=1), ["estimate"])
        for night in truth_of_nights[1:]
    ], "the cycle that is under way has no sum yet"
    [slept, *_] = await athlete.values("sleep_stages")
    last = truth_of_nights[0]
    assert (slept["value"], slept["night"]["deep_s"], slept["night"]["rem_s"]) == (
        last.asleep_s,
        last.deep_s,
        last.rem_s,
    )
    assert datetime.fromisoformat(slept["night"]["end"]) == last.bed_end
    [weight] = await athlete.values("weight")
    assert weight["flags"] == ["manual"]
    assert (await athlete.sync())["result"]["imported"] == 0

    address = {"provider": "whoop", "callback_url": f"{mailbox.url}/whoop"}
    athlete.sandbox.control("POST", "subscriptions", address)
    athlete.sandbox.control("POST", f"athletes/{athlete.id}/nights")
    assert await athlete.deliver(mailbox, woken) == ["accepted", "accepted"]
    assert len(await athlete.values("recovery_score")) == len(truth_of_nights) + 1
    answer = await athlete.http.delete(f"/api/v1/sources/{source['id']}")
    assert answer.status_code == 202, answer.text
    await athlete.work()
    assert await athlete.workouts() == []
    assert await athlete.values("hrv_rmssd") == []
    revoked = [c for c in athlete.calls("whoop") if c["method"] == "DELETE"]
    assert [(c["path"], c["status"]) for c in revoked] == [("/developer/v2/user/access", 204)]
