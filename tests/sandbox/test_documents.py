"""Each implemented operation answers as the provider's own document says: status, fields, types, nothing unknown."""

from collections.abc import Mapping
from typing import Any

from sandbox.clients import CLIENTS
from tests.sandbox.conftest import BACK, Box
from tests.sandbox.documents import answer_schema, complaints, described

WHOOP = "/whoop/developer/v2"
WHOOP_ALL = "offline read:recovery read:cycles read:workout read:sleep read:profile read:body_measurement"
OURA_ALL = "email personal daily heartrate workout tag session spo2Daily"
WITHINGS_ALL = "user.info,user.metrics,user.activity"


async def bearing(
    box: Box, provider: str, authorize: str, token: str, scope: str, **more: str
) -> dict[str, str]:
    """The header of a fresh grant, by the standard way."""
    athlete = await box.athlete(activities=30, days=20)
    back = await box.consented(f"/{provider}{authorize}", provider, scope, athlete["id"])
    client = {"client_id": CLIENTS[provider].id, "client_secret": CLIENTS[provider].secret}
    form = {**client, "grant_type": "authorization_code", "code": back["code"], "redirect_uri": BACK, **more}
    said = await box.http.post(f"/{provider}{token}", data=form)
    assert said.status_code == 200, said.text
    body = said.json()
    return {"authorization": f"Bearer {(body.get('body') or body)['access_token']}"}


async def checked(
    box: Box, document: Mapping[str, Any], path: str, said_path: str, headers: dict[str, str]
) -> Any:
    answer = await box.http.get(path, headers=headers)
    assert answer.status_code == 200, (path, answer.text)
    found = complaints(document, answer_schema(document, said_path, "get", 200), answer.json())
    assert found == [], path
    return answer.json()


async def test_whoop(box: Box) -> None:
    document = described("whoop_openapi_v2.yml")
    headers = await bearing(box, "whoop", "/oauth/oauth2/auth", "/oauth/oauth2/token", WHOOP_ALL)
    for path in ("user/profile/basic", "user/measurement/body"):
        await checked(box, document, f"{WHOOP}/{path}", f"/v2/{path}", headers)
    for path, key, single in (
        ("activity/workout", "id", "activity/workout/{workoutId}"),
        ("activity/sleep", "id", "activity/sleep/{sleepId}"),
        ("cycle", "id", "cycle/{cycleId}"),
        ("recovery", "cycle_id", "cycle/{cycleId}/recovery"),
    ):
        page = await checked(box, document, f"{WHOOP}/{path}?limit=5", f"/v2/{path}", headers)
        assert len(page["records"]) == 4, "fewer than asked for, and not the last"
        following = await box.http.get(
            f"{WHOOP}/{path}", params={"limit": 25, "nextToken": page["next_token"]}, headers=headers
        )
        assert following.json()["records"][0] not in page["records"]
        one = single.replace("{workoutId}", "{}").replace("{sleepId}", "{}").replace("{cycleId}", "{}")
        found = await checked(
            box, document, f"{WHOOP}/{one.format(page['records'][0][key])}", f"/v2/{single}", headers
        )
        assert found == page["records"][0]
    assert (await box.http.get(f"{WHOOP}/cycle?limit=26", headers=headers)).status_code == 400


async def test_oura(box: Box) -> None:
    document = described("oura_openapi_with_description.yml")
    headers = await bearing(box, "oura", "/oauth/authorize", "/oauth/token", OURA_ALL)
    base = "/v2/usercollection"
    await checked(box, document, f"/oura{base}/personal_info", f"{base}/personal_info", headers)
    for name in (
        "workout",
        "sleep",
        "daily_sleep",
        "daily_readiness",
        "daily_activity",
        "daily_spo2",
        "vO2_max",
    ):
        page = await checked(
            box,
            document,
            f"/oura{base}/{name}?start_date=2020-01-01&end_date=2100-01-01",
            f"{base}/{name}",
            headers,
        )
        assert page["data"], name
        one = await checked(
            box,
            document,
            f"/oura{base}/{name}/{page['data'][0]['id']}",
            f"{base}/{name}/{{document_id}}",
            headers,
        )
        assert one == page["data"][0]
    await checked(
        box,
        document,
        f"/oura{base}/heartrate?start_datetime=2020-01-01T00:00:00Z&end_datetime=2100-01-01T00:00:00Z",
        f"{base}/heartrate",
        headers,
    )
    wrong = await box.http.get(
        f"/oura{base}/sleep?start_date=2026-02-01&end_date=2026-01-01", headers=headers
    )
    assert wrong.status_code == 400


WITHINGS_CALLS = (
    ("/measure", "https://wbsapi.withings.net/measure", {"action": "getmeas"}),
    ("/v2/measure", "https://wbsapi.withings.net/v2/measure ", {"action": "getworkouts", "lastupdate": "0"}),
    ("/v2/measure", "https://wbsapi.withings.net/v2/measure", {"action": "getactivity", "lastupdate": "0"}),
    ("/v2/sleep", "https://wbsapi.withings.net/v2/sleep ", {"action": "getsummary", "lastupdate": "0"}),
)


async def test_withings(box: Box) -> None:
    document = described("withings_openapi.yml")
    headers = await bearing(
        box, "withings", "/oauth2_user/authorize2", "/v2/oauth2", WITHINGS_ALL, action="requesttoken"
    )
    for path, said_path, form in WITHINGS_CALLS:
        answer = await box.http.post(f"/withings{path}", data=form, headers=headers)
        said = answer.json()
        assert said["status"] == 0, said
        assert any(said["body"].values())
        assert complaints(document, answer_schema(document, said_path, "post", 200), said) == [], form
    unknown = await box.http.post("/withings/measure", data={"action": "dance"}, headers=headers)
    assert (unknown.status_code, unknown.json()["status"]) == (200, 2554)


async def polar(box: Box, **made: Any) -> tuple[Any, dict[str, str]]:
    """An athlete and the header of a grant, registered so long ago that all can be read."""
    athlete = await box.athlete(**made)
    back = await box.consented("/polar/oauth2/authorization", "polar", "accesslink.read_all", athlete["id"])
    said = await box.http.post(
        "/polar/v2/oauth2/token",
        data={"grant_type": "authorization_code", "code": back["code"], "redirect_uri": BACK},
        auth=(CLIENTS["polar"].id, CLIENTS["polar"].secret),
    )
    assert said.json()["x_user_id"] == athlete["ids"]["polar"], said.text
    headers = {"authorization": f"Bearer {said.json()['access_token']}"}
    assert (await box.http.get("/polar/v3/exercises", headers=headers)).status_code == 403, (
        "not registered yet"
    )
    return athlete, headers


async def test_polar(box: Box) -> None:
    document = described("polar_accesslink_openapi.yml")
    athlete, headers = await polar(box, activities=60, days=20)
    number = athlete["ids"]["polar"]
    made = await box.http.post("/polar/v3/users", json={"member-id": "ours"}, headers=headers)
    assert complaints(document, answer_schema(document, "/v3/users", "post", 200), made.json()) == []
    assert (
        await box.http.post("/polar/v3/users", json={"member-id": "ours"}, headers=headers)
    ).status_code == 409
    assert (await box.http.get("/polar/v3/exercises", headers=headers)).json() == [], "nothing from before"
    (grant,) = await box.control("GET", "grants")
    await box.control("POST", f"grants/{grant['id']}/backdate")
    listed = await checked(box, document, "/polar/v3/exercises", "/v3/exercises", headers)
    for path, said_path in (
        (f"/v3/users/{number}", "/v3/users/{user-id}"),
        ("/v3/users/physical-info", "/v3/users/physical-info"),
        ("/v3/users/sleep", "/v3/users/sleep"),
        ("/v3/users/nightly-recharge", "/v3/users/nightly-recharge"),
        ("/v3/users/activities", "/v3/users/activities"),
        (f"/v3/exercises/{listed[0]['id']}?samples=true&zones=true&route=true", "/v3/exercises/{exerciseId}"),
    ):
        assert await checked(box, document, f"/polar{path}", said_path, headers)
    for kind, begins in (("fit", b".FIT"), ("tcx", b"\x1f\x8b")):
        file = await box.http.get(f"/polar/v3/exercises/{listed[0]['id']}/{kind}", headers=headers)
        assert begins in file.content[:12]
    assert (await box.http.delete(f"/polar/v3/users/{number}", headers=headers)).status_code == 204
    assert (await box.http.get("/polar/v3/exercises", headers=headers)).status_code == 401


STRAVA = ("/athlete", "/athlete/activities", "/activities/{id}", "/activities/{id}/laps")
NOT_TOLD = {
    *("best_efforts", "highlighted_kudosers", "splits_standard", "segment_leaderboard_opt_out"),
    *("leaderboard_opt_out", "partner_brand_tag"),
}
"""Of Strava's fields: nobody here asks for them."""


async def test_strava_has_the_fields_of_the_examples(box: Box) -> None:
    """Its swagger document points to schemas elsewhere; what it holds are examples."""
    document = described("strava_swagger.stravalib.json")
    scope = "read,profile:read_all,activity:read_all"
    headers = await bearing(box, "strava", "/oauth/authorize", "/oauth/token", scope)
    listed = (await box.http.get("/strava/api/v3/athlete/activities", headers=headers)).json()
    ride = next(one for one in listed if one["type"] == "Ride")
    kinds = {int: (int, float), float: (int, float)}
    for path in STRAVA:
        answer = (await box.http.get(f"/strava/api/v3{path.format(id=ride['id'])}", headers=headers)).json()
        example = document["paths"][path]["get"]["responses"]["200"]["examples"]["application/json"]
        ours = ride if answer == listed else answer[0] if isinstance(answer, list) else answer
        theirs = example[0] if isinstance(example, list) else example
        assert set(theirs) - set(ours) - NOT_TOLD == set(), path
        for name, value in theirs.items():
            if value is not None and ours.get(name) is not None:
                assert isinstance(ours[name], kinds.get(type(value), type(value))), (path, name)
