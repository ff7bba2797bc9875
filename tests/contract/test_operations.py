"""What machines ask of a running platform."""

import httpx

from tests.live import LiveRun


def test_health_ready(live_run: LiveRun) -> None:
    answer = httpx.get(f"{live_run.url}/health")
    print(answer.text)
    assert httpx.get(f"{live_run.url}/ready").json() == {"ready": True}
