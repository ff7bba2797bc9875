"""Garmin: the partner's way with PKCE, windows, back-fill and events; and a person's own key."""

import json
from typing import Any

import httpx

from rowhouse.apps.fitness.files.decoding.formats import Format, sniff
from sandbox.clients import CLIENTS
from sandbox.common.grants import challenge_of
from tests.sandbox.conftest import BACK, Box

REST = "/garmin/wellness-api/rest"
VERIFIER = "a verifier of forty-three characters at least, as PKCE has it"
DAY_S = 86_400


async def tokens(box: Box, athlete: Any) -> Any:
    back = await box.consented(
        "/garmin/oauth2Confirm",
        "garmin",
        "",
        athlete["id"],
        code_challenge=challenge_of(VERIFIER),
        code_challenge_method="S256",
    )
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENTS["garmin"].id,
        "client_secret": CLIENTS["garmin"].secret,
        "code": back["code"],
        "redirect_uri": BACK,
    }
    path = "/garmin/di-oauth2-service/oauth/token"
    without = await box.http.post(path, data=form)
    assert without.json()["error"] == "invalid_grant", "the verifier is asked for"
    said = await box.http.post(path, data={**form, "code_verifier": VERIFIER})
    assert said.status_code == 200, said.text
    return said.json()


async def get(box: Box, path: str, access_token: str, **asked: object) -> httpx.Response:
    params = {name: str(value) for name, value in asked.items()}
    headers = {"authorization": f"Bearer {access_token}"}
    return await box.http.get(f"{REST}/{path}", params=params, headers=headers)


async def test_a_partner_backfills_by_events_and_pulls_what_they_tell_of(box: Box) -> None:
    athlete = await box.athlete(activities=12, days=5)
    access = (await tokens(box, athlete))["access_token"]
    assert (await get(box, "user/id", access)).json()["userId"] == athlete["uuids"]["garmin"]
    for kinds in (["activities"], ["activityFiles"], ["sleeps", "push"], ["deregistrations"]):
        hook = {"provider": "garmin", "callback_url": "http://product/garmin", "kinds": kinds}
        await box.control("POST", "subscriptions", hook)
    truth = await box.control("GET", f"athletes/{athlete['id']}/activities")
    known = {one["at"]["garmin"]["id"] for one in truth if "garmin" in one["at"]}
    now = int((await box.control("GET", "clock"))["now"])
    month = {"summaryStartTimeInSeconds": now - 30 * DAY_S, "summaryEndTimeInSeconds": now}
    assert (await get(box, "backfill/activities", access, **month)).status_code == 202
    assert (await get(box, "backfill/activities", access, **month)).status_code == 409
    assert (await get(box, "backfill/sleeps", access, **month)).status_code == 202
    await box.control("GET", "deliveries")
    assert {headers["garmin-client-id"] for headers, _ in box.receiver.events} == {CLIENTS["garmin"].id}
    told: dict[str, list[dict[str, Any]]] = {}
    for _, body in box.receiver.events:
        for kind, rows in json.loads(body).items():
            told.setdefault(kind, []).extend(rows)

    pulled: set[int] = set()
    for ping in told["activities"]:
        answer = await box.http.get(ping["callbackURL"], headers={"authorization": f"Bearer {access}"})
        pulled |= {one["activityId"] for one in answer.json()}
    assert pulled == known
    assert {one["activityId"] for one in told["activityFiles"]} == known
    file = await box.http.get(told["activityFiles"][0]["callbackURL"])
    assert sniff(file.content) is Format.FIT
    assert len(told["sleeps"]) == 5
    assert all(one["remSleepInSeconds"] for one in told["sleeps"]), "pushed with what is in them"

    too_long = {"uploadStartTimeInSeconds": now - DAY_S - 1, "uploadEndTimeInSeconds": now}
    assert (await get(box, "activities", access, **too_long)).status_code == 400
    gone = await box.http.delete(f"{REST}/user/registration", headers={"authorization": f"Bearer {access}"})
    assert gone.status_code == 204
    await box.control("GET", "deliveries")
    assert json.loads(box.receiver.events[-1][1]) == {
        "deregistrations": [{"userId": athlete["uuids"]["garmin"]}]
    }
    assert (await get(box, "user/id", access)).status_code == 401


async def test_details_agree_with_the_summary(box: Box) -> None:
    athlete = await box.athlete(activities=0, days=2)
    access = (await tokens(box, athlete))["access_token"]
    new = await box.control(
        "POST", f"athletes/{athlete['id']}/activities", {"sport": "ride", "device": "edge"}
    )
    now = int((await box.control("GET", "clock"))["now"])
    window = {"uploadStartTimeInSeconds": now - 600, "uploadEndTimeInSeconds": now + 60}
    ((summary,), (details,)) = [
        (await get(box, kind, access, **window)).json() for kind in ("activities", "activityDetails")
    ]
    assert summary["activityId"] == new["at"]["garmin"]["id"]
    assert len(details["samples"]) == summary["durationInSeconds"] == new["at"]["garmin"]["moving_s"]
    assert details["samples"][-1]["clockDurationInSeconds"] == new["at"]["garmin"]["elapsed_s"] - 1
    for kind in ("dailies", "sleeps", "hrv", "bodyComps", "userMetrics", "pulseox", "respiration"):
        wide = {"uploadStartTimeInSeconds": now - DAY_S, "uploadEndTimeInSeconds": now}
        assert (await get(box, kind, access, **wide)).status_code == 200, kind


async def test_a_personal_key_gives_tokens_until_it_is_withdrawn(box: Box) -> None:
    athlete = await box.athlete(activities=60, days=40)
    exchange = "/garmin-personal/personalapitoken-service/personal-api/personal-api-key/token"
    key = {"authorization": f"ApiKey {athlete['garmin_personal_key']}"}
    assert (await box.http.post(exchange)).status_code == 401
    said = (await box.http.post(exchange, headers=key)).json()
    headers = {"authorization": f"Bearer {said['access_token']}"}
    base = "/garmin-personal/personal-api"
    last = athlete["until"][:10]
    month = {"startDate": f"{last[:8]}01", "endDate": last}
    listed = (await box.http.get(f"{base}/activities", params={**month, "limit": 45}, headers=headers)).json()
    truth = await box.control("GET", f"athletes/{athlete['id']}/activities")
    known = [one["at"]["garmin"]["id"] for one in truth if "garmin" in one["at"]]
    assert [one["activityId"] for one in listed] == known[: len(listed)]
    wide = await box.http.get(f"{base}/activities", params={**month, "limit": 46}, headers=headers)
    assert wide.status_code == 400
    for kind in ("sleep", "hrv", "weight", "dailies"):
        rows = (await box.http.get(f"{base}/{kind}", params=month, headers=headers)).json()
        assert all(month["startDate"] <= row["calendarDate"] <= last for row in rows), kind
    year = {"startDate": "2025-01-01", "endDate": "2025-12-31"}
    assert (await box.http.get(f"{base}/sleep", params=year, headers=headers)).status_code == 400
    (grant,) = await box.control("GET", "grants")
    await box.control("POST", f"grants/{grant['id']}/revoke")
    assert (await box.http.get(f"{base}/sleep", params=month, headers=headers)).status_code == 401
    assert (await box.http.post(exchange, headers=key)).status_code == 401
