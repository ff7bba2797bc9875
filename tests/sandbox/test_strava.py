"""Strava: the whole journey, and each no in its own words."""

import hashlib
import hmac
import json
from typing import Any

import httpx

from sandbox.clients import CLIENTS
from tests.sandbox.conftest import Box

CLIENT = {"client_id": CLIENTS["strava"].id, "client_secret": CLIENTS["strava"].secret}
ALL = "read,profile:read_all,activity:read_all"


async def connected(box: Box, athlete: Any, scope: str = ALL) -> dict[str, Any]:
    back = await box.consented("/strava/oauth/authorize", "strava", scope, athlete["id"])
    assert back["state"] == "the state"
    said = await token(box, grant_type="authorization_code", code=back["code"])
    assert said.status_code == 200, said.text
    tokens: dict[str, Any] = said.json()
    return tokens


async def token(box: Box, **form: str) -> httpx.Response:
    return await box.http.post("/strava/oauth/token", data=CLIENT | form)


def bearing(tokens: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens['access_token']}"}


async def test_all_activities_come_in_pages_with_laps_and_streams_that_agree(box: Box) -> None:
    await box.at_noon()
    athlete = await box.athlete(activities=50)
    tokens = await connected(box, athlete)
    found: list[dict[str, Any]] = []
    for page in (1, 2, 3):
        answer = await box.http.get(
            "/strava/api/v3/athlete/activities",
            params={"page": page, "per_page": 20},
            headers=bearing(tokens),
        )
        assert answer.headers["x-ratelimit-usage"] == f"{page},{page}"
        found += answer.json()
    truth = await box.control("GET", f"athletes/{athlete['id']}/activities")
    assert [one["id"] for one in found] == [
        one["at"]["strava"]["id"] for one in truth if "strava" in one["at"]
    ]

    oldest = await box.http.get(
        "/strava/api/v3/athlete/activities", params={"after": 1, "per_page": 1}, headers=bearing(tokens)
    )
    assert oldest.json()[0]["id"] == found[-1]["id"], "with `after`, the oldest comes first"

    ride = next(one for one in found if one["type"] == "Ride")
    base = f"/strava/api/v3/activities/{ride['id']}"
    detail = (await box.http.get(base, headers=bearing(tokens))).json()
    laps = (await box.http.get(f"{base}/laps", headers=bearing(tokens))).json()
    streams = (
        await box.http.get(
            f"{base}/streams?keys=time,latlng,heartrate,watts&key_by_type=true", headers=bearing(tokens)
        )
    ).json()
    assert detail["device_name"].startswith("Garmin Edge")
    assert detail["external_id"].startswith("garmin_ping_")
    assert sum(lap["moving_time"] for lap in laps) == len(streams["time"]["data"])
    assert set(streams) == {"time", "latlng", "heartrate", "watts", "distance"}
    assert abs(streams["distance"]["data"][-1] - ride["distance"]) < 1


async def test_codes_serve_once_and_replaced_refresh_tokens_die(box: Box) -> None:
    athlete = await box.athlete(activities=1)
    tokens = await connected(box, athlete)
    same = (await token(box, grant_type="refresh_token", refresh_token=tokens["refresh_token"])).json()
    assert same["access_token"] == tokens["access_token"], "with hours to live it is kept"
    await box.control("PUT", "clock", {"ahead_s": 6 * 3600 + 1})
    late = await box.http.get("/strava/api/v3/athlete", headers=bearing(tokens))
    assert late.status_code == 401
    assert late.json()["errors"] == [{"resource": "Athlete", "field": "access_token", "code": "invalid"}]
    fresh = (await token(box, grant_type="refresh_token", refresh_token=tokens["refresh_token"])).json()
    assert (await box.http.get("/strava/api/v3/athlete", headers=bearing(fresh))).json()[
        "resource_state"
    ] == 3
    dead = await token(box, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert (dead.status_code, dead.json()["errors"][0]["resource"]) == (400, "RefreshToken")

    back = await box.consented("/strava/oauth/authorize", "strava", ALL, athlete["id"])
    assert (await token(box, code=back["code"])).status_code == 200
    assert (await token(box, code=back["code"])).status_code == 400, "a code serves once"
    after = await box.http.get("/strava/api/v3/athlete", headers=bearing(fresh))
    assert after.status_code == 401, "and its second use ends the grant"


async def test_scopes_that_were_unticked_are_missing(box: Box) -> None:
    athlete = await box.athlete(activities=80)
    page = await box.http.get(
        "/strava/oauth/authorize",
        params={
            "client_id": CLIENT["client_id"],
            "response_type": "code",
            "redirect_uri": "http://x/",
            "scope": ALL,
        },
    )
    assert page.text.count('type="checkbox"') == 3
    assert athlete["id"] in page.text
    back = await box.consented("/strava/oauth/authorize", "strava", ALL, athlete["id"], boxes="1")
    assert back.get("scope", "") == ""
    denied = await box.consented("/strava/oauth/authorize", "strava", ALL, athlete["id"], decision="deny")
    assert denied == {"error": "access_denied", "state": "the state"}
    tokens = await connected(box, athlete, "read")
    answer = await box.http.get("/strava/api/v3/athlete/activities", headers=bearing(tokens))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "missing")

    public = await connected(box, athlete, "activity:read")
    seen = await box.http.get("/strava/api/v3/athlete/activities?per_page=200", headers=bearing(public))
    truth = await box.control("GET", f"athletes/{athlete['id']}/activities")
    private = {one["at"]["strava"]["id"] for one in truth if one["private"] and "strava" in one["at"]}
    assert private
    assert not private & {one["id"] for one in seen.json()}


async def test_events_are_signed_tried_again_and_told_of_a_revocation(box: Box) -> None:
    athlete = await box.athlete(activities=3)
    tokens = await connected(box, athlete)
    made = await box.http.post(
        "/strava/api/v3/push_subscriptions",
        data={**CLIENT, "callback_url": "http://product/hook", "verify_token": "me"},
    )
    assert made.status_code == 201, made.text
    box.receiver.statuses = [500]
    new = await box.control("POST", f"athletes/{athlete['id']}/activities", {"sport": "ride"})
    sent = await box.control("GET", "deliveries")
    assert [one["outcome"] for one in sent] == [500, 200]
    headers, body = box.receiver.events[-1]
    at, mac = (part.partition("=")[2] for part in headers["x-strava-signature"].split(","))
    key = CLIENTS["strava"].secret.encode()
    assert mac == hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    said = json.loads(body)
    assert 0 <= int(at) - said.pop("event_time") < 60
    assert said == {
        "object_type": "activity",
        "object_id": new["at"]["strava"]["id"],
        "aspect_type": "create",
        "updates": {},
        "owner_id": athlete["ids"]["strava"],
        "subscription_id": made.json()["id"],
    }
    await box.control("DELETE", f"athletes/{athlete['id']}/activities/{new['number']}")
    await box.control("GET", "deliveries")
    assert json.loads(box.receiver.events[-1][1])["aspect_type"] == "delete"
    gone = await box.http.get(
        f"/strava/api/v3/activities/{new['at']['strava']['id']}", headers=bearing(tokens)
    )
    assert gone.status_code == 404

    revoked = await box.http.post(
        "/strava/oauth/revoke",
        data={"token": tokens["access_token"]},
        auth=(CLIENT["client_id"], CLIENT["client_secret"]),
    )
    assert revoked.status_code == 200
    await box.control("GET", "deliveries")
    assert json.loads(box.receiver.events[-1][1])["updates"] == {"authorized": "false"}
    assert (await box.http.get("/strava/api/v3/athlete", headers=bearing(tokens))).status_code == 401
