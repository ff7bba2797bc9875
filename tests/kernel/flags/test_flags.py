"""Feature flags: which word counts, whom a share takes in, and what obeys them."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from rowhouse.apps.fitness.flags import APPLE_HEALTH, MANUAL_WORKOUT_EDIT
from rowhouse.installed import registry
from rowhouse.kernel.flags.flag import Flag, Switches, share_of
from rowhouse.kernel.flags.kernel_flags import MFA_REQUIRED, PASSWORD_GRANT
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.settings import Settings
from rowhouse.kit.ids import uuid7
from tests.conftest import MakePerson, Person
from tests.operators import REASON, Operator, administrator, set_up

DEFAULTS = {
    "oauth_pkce": True,
    "mfa_required": False,
    "webhook_sync": True,
    "bulk_export": True,
    "manual_workout_edit": True,
    "web_search_enabled": False,
    "advanced_llm": False,
    "chat_history": True,
    "strava": False,
    "garmin_connect": True,
    "whoop_api": False,
    "oura": False,
    "withings": False,
    "polar": False,
    "apple_health": True,
    "unsupported_password_grant": False,
}


@pytest.fixture
async def operator(settings: Settings, app: FastAPI) -> AsyncIterator[Operator]:
    transport = httpx.ASGITransport(app=app, client=("203.0.113.7", 40000))
    async with (
        administrator(settings) as admin,
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client,
    ):
        yield await set_up(admin, client)


def test_the_flags_and_their_defaults() -> None:
    assert {name: flag.default for name, flag in registry.flags.items()} == DEFAULTS


def test_the_last_word_counts() -> None:
    flag, organization = Flag("x", True, "X."), uuid7()
    said = Switches({}, {}, {})
    assert said.is_on(flag, organization)
    said = replace(said, environment={"x": False})
    assert not said.is_on(flag, organization)
    said = replace(said, rollouts={"x": 100})
    assert said.is_on(flag, organization)
    assert not replace(said, rollouts={"x": 0}).is_on(flag, organization)
    assert not replace(said, overrides={"x": False}).is_on(flag, organization)
    locked = replace(flag, locked=True, default=False)
    assert not said.is_on(locked, organization)


def test_a_share_is_stable_grows_and_differs_by_flag() -> None:
    organizations = [uuid7() for _ in range(2_000)]
    flag = Flag("x", False, "X.")
    on = {
        percent: {one for one in organizations if Switches({}, {"x": percent}, {}).is_on(flag, one)}
        for percent in (0, 20, 60, 100)
    }
    assert (len(on[0]), len(on[100])) == (0, 2_000)
    assert on[20] < on[60]
    assert 300 < len(on[20]) < 500
    assert {share_of("x", one) == share_of("y", one) for one in organizations} == {True, False}
    assert not Switches({}, {"x": 99}, {}).is_on(flag, None)
    assert Switches({}, {"x": 100}, {}).is_on(flag, None)


@pytest.mark.parametrize(
    ("features", "match"),
    [({"strawa": True}, "no feature strawa"), ({PASSWORD_GRANT.name: True}, "can't be changed")],
)
def test_the_environment_names_known_features_alone(features: dict[str, bool], match: str) -> None:
    registry.check_features({"strava": True, PASSWORD_GRANT.name: False})
    with pytest.raises(ValueError, match=match):
        registry.check_features(features)


def test_features_come_from_the_environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    values = settings.model_dump(exclude={"features"}, exclude_none=True)
    assert Settings(**values).features is None
    monkeypatch.setenv("ROWHOUSE_FEATURES", '{"oura": true}')
    assert Settings(**values).features == {"oura": True}
    monkeypatch.setenv("ROWHOUSE_FEATURE_MANUAL_WORKOUT_EDIT", "false")
    assert Settings(**values).features == {"manual_workout_edit": False}


async def test_an_operator_switches_one_organizations_feature(
    operator: Operator, make_person: MakePerson
) -> None:
    """In force at the next request of that organization, and of no other."""
    person, other = await make_person(), await make_person()
    path = f"/api/v1/admin/organizations/{person.identity.organization_id}/flags"
    edit = f"/api/v1/workouts/{uuid7()}"
    assert (await person.client.put(edit, json={"title": "x"})).status_code == 404
    for enabled, status in ((False, 403), (None, 404), (False, 403), (True, 404)):
        answer = await operator.client.put(
            f"{path}/manual_workout_edit", json={"enabled": enabled, "reason": REASON}
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["override"] is enabled
        refused = await person.client.put(edit, json={"title": "x"})
        assert refused.status_code == status
        assert (await other.client.put(edit, json={"title": "x"})).status_code == 404
        flags = (await person.client.get("/api/v1/flags")).json()["data"]
        assert flags["manual_workout_edit"] is (enabled is not False)
    shown = {one["name"]: one for one in (await operator.client.get(path)).json()["data"]}
    assert (shown["manual_workout_edit"]["enabled"], shown["manual_workout_edit"]["reason"]) == (True, REASON)
    logged = (await person.client.get("/api/v1/audit?action=kernel.flag_overrides.*")).json()["data"]
    assert logged


async def test_a_refusal_names_the_flag(operator: Operator, person: Person) -> None:
    path = f"/api/v1/admin/organizations/{person.identity.organization_id}/flags/{MANUAL_WORKOUT_EDIT.name}"
    await operator.client.put(path, json={"enabled": False, "reason": REASON})
    refused = await person.client.put(f"/api/v1/workouts/{uuid7()}", json={"title": "x"})
    assert (refused.json()["code"], refused.json()["flag"]) == ("feature_off", "manual_workout_edit")


async def test_a_share_is_rolled_out_and_taken_back(operator: Operator, person: Person) -> None:
    async def asked() -> bool:
        return bool((await person.client.get("/api/v1/flags")).json()["data"]["chat_history"])

    assert await asked()
    for percent, on in ((0, False), (100, True), (None, True)):
        body = {"percent": percent, "reason": REASON}
        answer = await operator.client.put("/api/v1/admin/flags/chat_history", json=body)
        assert answer.json()["data"]["percent"] == percent
        assert await asked() is on
    found = {one["name"]: one for one in (await operator.client.get("/api/v1/admin/flags")).json()["data"]}
    assert set(found) == set(DEFAULTS)


async def test_a_second_factor_can_be_demanded_of_one_organization(
    operator: Operator, person: Person
) -> None:
    path = f"/api/v1/admin/organizations/{person.identity.organization_id}/flags/{MFA_REQUIRED.name}"
    assert (await person.client.get("/api/v1/jobs")).status_code == 200
    await operator.client.put(path, json={"enabled": True, "reason": REASON})
    assert (await person.client.get("/api/v1/jobs")).json()["code"] == "mfa_enrolment_required"
    members = f"/api/v1/organizations/{person.identity.organization_id}/members"
    assert (await person.client.get(members)).json()["code"] == "mfa_enrolment_required"
    assert (await person.client.get("/api/v1/auth/me")).status_code == 200
    await operator.client.put(path, json={"enabled": None, "reason": REASON})
    assert (await person.client.get("/api/v1/jobs")).status_code == 200


async def test_a_second_factor_can_be_demanded_of_all(
    app: FastAPI, platform: Platform, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = platform.settings.model_copy(update={"features": {MFA_REQUIRED.name: True}})
    monkeypatch.setitem(app.state._state, "platform", replace(platform, settings=settings))
    assert (await person.client.get("/api/v1/jobs")).json()["code"] == "mfa_enrolment_required"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/api/v1/admin/flags/nothing", {"percent": 1}, 404, "not_found"),
        ("/api/v1/admin/flags/unsupported_password_grant", {"percent": 100}, 409, "flag_locked"),
        ("/api/v1/admin/flags/mfa_required", {"percent": 50}, 409, "flag_locked"),
        ("/api/v1/admin/flags/strava", {"percent": 101}, 422, "invalid_input"),
    ],
)
async def test_what_cannot_be_set(
    operator: Operator, path: str, body: dict[str, int], status: int, code: str
) -> None:
    answer = await operator.client.put(path, json={**body, "reason": REASON})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_apple_health_obeys_its_flag(operator: Operator, person: Person, run_due_jobs: object) -> None:
    path = f"/api/v1/admin/organizations/{person.identity.organization_id}/flags/{APPLE_HEALTH.name}"
    await operator.client.put(path, json={"enabled": False, "reason": REASON})
    files = [("files", ("export.xml", b'<?xml version="1.0"?><HealthData locale="en"></HealthData>'))]
    job = (await person.client.post("/api/v1/uploads", files=files)).json()["data"]["job_id"]
    await run_due_jobs(person)  # type: ignore[operator]  # the fixture is a function
    [result] = (await person.client.get(f"/api/v1/jobs/{job}")).json()["data"]["result"]["files"]
    assert (result["state"], result["code"]) == ("refused", "feature_off")
