"""The switches: each fault as a client meets it."""

import httpx
import pytest

from tests.sandbox.conftest import Box
from tests.sandbox.served import served
from tests.sandbox.test_strava import bearing, connected

ATHLETE = "/strava/api/v3/athlete"


async def test_real_limits_end_in_429_until_the_window_does(box: Box) -> None:
    ahead_s = await box.at_noon()
    tokens = await connected(box, await box.athlete(activities=1))
    await box.control("PUT", "faults", {"strava": {"real_limits": True}})
    answers = [await box.http.get(ATHLETE, headers=bearing(tokens)) for _ in range(101)]
    assert [one.status_code for one in answers] == [200] * 100 + [429]
    assert answers[0].headers["x-readratelimit-limit"] == "100,1000"
    await box.control("PUT", "clock", {"ahead_s": ahead_s + 900})
    assert (await box.http.get(ATHLETE, headers=bearing(tokens))).status_code == 200


async def test_faults_strike_what_they_name_as_often_as_they_say(box: Box) -> None:
    tokens = await connected(box, await box.athlete(activities=2))
    await box.control(
        "PUT",
        "faults",
        {
            "*": [
                {"status": 503, "times": 2, "paths": "athlete$"},
                {"status": 429, "retry_after": 7, "paths": "zones"},
            ]
        },
    )
    statuses = [(await box.http.get(ATHLETE, headers=bearing(tokens))).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]
    limited = await box.http.get(f"{ATHLETE}/zones", headers=bearing(tokens))
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    assert limited.json()["message"] == "Rate Limit Exceeded"

    await box.control("PUT", "faults", {"*": {"status": 500, "share": 0.5, "seed": 3}})
    drawn = [(await box.http.get(ATHLETE, headers=bearing(tokens))).status_code for _ in range(20)]
    assert {200, 500} == set(drawn)
    await box.control("PUT", "faults", {"*": {"status": 500, "share": 0.5, "seed": 3}})
    assert drawn == [(await box.http.get(ATHLETE, headers=bearing(tokens))).status_code for _ in range(20)]
    calls = await box.control("GET", "calls?provider=strava")
    assert calls[-1]["path"] == "/api/v3/athlete"
    assert {one["fault"] for one in calls[-20:]} == {None, "500"}


@pytest.mark.parametrize(
    ("garbage", "kind"), [("json", "application/json"), ("type", "text/html"), ("shape", "application/json")]
)
async def test_garbage_is_no_answer_of_the_provider(box: Box, garbage: str, kind: str) -> None:
    tokens = await connected(box, await box.athlete(activities=1))
    await box.control("PUT", "faults", {"strava": {"garbage": garbage}})
    answer = await box.http.get(ATHLETE, headers=bearing(tokens))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert b"firstname" not in answer.content


async def test_webhooks_come_twice_mixed_up_or_not_at_all(box: Box) -> None:
    athlete = await box.athlete(activities=1)
    await connected(box, athlete)
    await box.http.post(
        "/strava/api/v3/push_subscriptions",
        data={
            "client_id": "10101",
            "client_secret": "sandbox-strava-secret",
            "callback_url": "http://product/",
        },
    )
    for way, expected in (({"duplicate": True}, 2), ({"lose": 1}, 0)):
        await box.control("PUT", "faults", {"strava": {"webhooks": way}})
        box.receiver.events.clear()
        await box.control("PATCH", f"athletes/{athlete['id']}/activities/0", {"title": "Another"})
        await box.control("GET", "deliveries")
        assert len(box.receiver.events) == expected


@pytest.mark.enable_socket
def test_a_dropped_answer_breaks_off_after_the_work_was_done() -> None:
    with served() as sandbox:
        sandbox.control("PUT", "faults", {"strava": {"drop": True, "paths": "push_subscriptions"}})
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(
                f"{sandbox.url}/strava/api/v3/push_subscriptions",
                params={"client_id": "10101", "client_secret": "sandbox-strava-secret"},
                timeout=30,
                trust_env=False,
            )
        sandbox.control("DELETE", "faults")
        assert sandbox.control("GET", "calls")[-1]["fault"] == "drop"
