"""WHOOP from connecting to revoking, against the sandbox over real sockets."""

import pytest

from rowhouse.apps.fitness.sources.whoop import adapter
from tests.apps.fitness.sources.conftest import Athlete

pytestmark = pytest.mark.enable_socket


async def test_connected_synced_and_revoked(athlete: Athlete, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "PER_PAGE", 2)
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
    assert [call["path"] for call in athlete.calls("whoop") if "/workout/" in call["path"]] == []
    assert (await athlete.sync())["result"]["imported"] == 0
    answer = await athlete.http.delete(f"/api/v1/sources/{source['id']}")
    assert answer.status_code == 202, answer.text
    await athlete.work()
    assert await athlete.workouts() == []
    revoked = [c for c in athlete.calls("whoop") if c["method"] == "DELETE"]
    assert [(c["path"], c["status"]) for c in revoked] == [("/developer/v2/user/access", 204)]
