"""From the first question to the end, on several devices, and what is refused on the way."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from rowhouse.apps.fitness.recordings.models import Athlete
from rowhouse.kernel.context import Ctx, Identity, RequestInfo
from rowhouse.kernel.onboarding import flow, progress, schemas, service
from rowhouse.kernel.onboarding.terms import Terms, terms_in_force
from rowhouse.kernel.organizations.models import Account
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.privacy.consents import Purpose, consent_with_terms, list_standings
from rowhouse.kernel.registry import App, Registry
from rowhouse.kernel.sessions.service import start_session
from rowhouse.kernel.work import open_context
from tests.conftest import MakePerson, Person

PROGRESS = "/api/v1/onboarding/progress"
COMPLETE = "/api/v1/onboarding/complete"
CONSENTS = "/api/v1/privacy/consents"
ABOUT = {"home_timezone": "Europe/Zurich", "units": "metric", "sports": ["ride", "run"]}
COACH = {"home_timezone": "Europe/Zurich", "units": "metric"}
WORK = {"sports": ["run"], "years_coaching": 7}

OpenCtx = Callable[[Identity], AbstractAsyncContextManager[Ctx]]


def accepted() -> dict[str, Any]:
    return {"accepted": True, "version": terms_in_force().version}


async def save(
    client: httpx.AsyncClient, stage: str, values: Mapping[str, Any], version: int, *, advance: bool = False
) -> httpx.Response:
    given = {"stage": stage, "values": values, "version": version, "advance": advance}
    # Escaped, so that halves of characters can be sent too.
    return await client.put(PROGRESS, content=json.dumps(given), headers={"Content-Type": "application/json"})


async def progress_of(client: httpx.AsyncClient) -> dict[str, Any]:
    return data(await client.get(PROGRESS))


def data(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def faults(answer: httpx.Response) -> dict[str, str]:
    """Field → code of a 422."""
    assert refusal(answer) == (422, "invalid_input"), answer.text
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


def states(shown: Mapping[str, Any]) -> dict[str, str]:
    return {stage["name"]: stage["state"] for stage in shown["stages"]}


async def finish(client: httpx.AsyncClient) -> dict[str, Any]:
    """An athlete's whole way."""
    shown = data(await save(client, "personal_info", ABOUT, 0, advance=True))
    shown = data(await save(client, "terms", accepted(), shown["version"], advance=True))
    return data(await client.post(COMPLETE))


async def become_coach(person: Person, open_ctx: OpenCtx) -> Person:
    """The same person, now coaching in their organization."""
    async with open_ctx(person.identity) as ctx:
        account = await ctx.session.get_one(Account, (ctx.org, ctx.account))
        account.role = "coach"
    identity = replace(person.identity, role="coach")
    async with open_ctx(identity) as ctx:
        signed_in = await start_session(ctx, browser=False, stay=False)
    person.client.headers["Authorization"] = f"Bearer {signed_in.access_token}"
    return replace(person, identity=identity)


async def test_what_the_organization_has_set_is_proposed(person: Person) -> None:
    """As long as there is something to answer; where nothing was set the device knows better."""

    def proposed(shown: Mapping[str, Any]) -> dict[str, Any]:
        fields = shown["stages"][0]["schema"]["properties"]
        return {name: field["default"] for name, field in fields.items() if "default" in field}

    assert proposed(await progress_of(person.client)) == {}
    settings = {"settings": {"timezone": "Europe/Zurich", "units": "imperial"}}
    data(await person.client.patch(f"/api/v1/organizations/{person.identity.organization_id}", json=settings))
    shown = await progress_of(person.client)
    assert proposed(shown) == {"home_timezone": "Europe/Zurich", "units": "imperial"}
    assert shown["values"] == {}
    saved = data(await save(person.client, "personal_info", {"units": "metric"}, 0))
    assert proposed(saved) == proposed(shown)
    data(await save(person.client, "personal_info", ABOUT, saved["version"], advance=True))
    data(await save(person.client, "terms", accepted(), 2, advance=True))
    assert data(await person.client.post(COMPLETE))["values"]["personal_info"] == ABOUT


async def test_an_athletes_way(person: Person) -> None:
    client = person.client
    shown = await progress_of(client)
    assert (shown["flow"], shown["role"], shown["stage"], shown["version"]) == (
        "athlete",
        "owner",
        "started",
        0,
    )
    assert states(shown) == {"personal_info": "current", "terms": "todo"}
    assert shown["terms"] == {
        "version": terms_in_force().version, "accepted": False, "accepted_version": None,
    }  # fmt: skip
    shown = data(await save(client, "personal_info", {"units": "metric"}, 0))
    assert (shown["stage"], shown["values"]["personal_info"]) == ("personal_info", {"units": "metric"})
    shown = data(await save(client, "personal_info", ABOUT, shown["version"], advance=True))
    assert (shown["stage"], states(shown)) == ("terms", {"personal_info": "done", "terms": "current"})
    shown = data(await save(client, "terms", accepted(), shown["version"], advance=True))
    assert (shown["stage"], shown["completed_at"]) == ("terms", None)
    shown = data(await client.post(COMPLETE))
    assert shown["stage"] == "completed"
    assert shown["completed_at"] is not None
    assert shown["terms"]["accepted"]
    assert data(await client.post(COMPLETE)) == shown
    assert await progress_of(client) == shown


async def test_a_coach_is_asked_about_work_too(person: Person, open_ctx: OpenCtx) -> None:
    client = (await become_coach(person, open_ctx)).client
    shown = data(await save(client, "personal_info", COACH, 0, advance=True))
    assert (shown["flow"], shown["stage"]) == ("coach", "professional_info")
    answer = await save(client, "professional_info", {"years_coaching": 99}, shown["version"], advance=True)
    assert faults(answer) == {"values.sports": "missing", "values.years_coaching": "less_than_equal"}
    shown = data(await save(client, "professional_info", WORK, shown["version"], advance=True))
    shown = data(await save(client, "terms", accepted(), shown["version"], advance=True))
    assert data(await client.post(COMPLETE))["stage"] == "completed"


async def test_a_new_role_asks_what_is_missing(person: Person, open_ctx: OpenCtx) -> None:
    await finish(person.client)
    coach = await become_coach(person, open_ctx)
    shown = await progress_of(coach.client)
    assert (shown["stage"], shown["completed_at"]) == ("professional_info", None)
    assert states(shown) == {"personal_info": "done", "professional_info": "current", "terms": "done"}


async def test_drafts_are_kept_as_they_are_and_no_more(person: Person) -> None:
    half = {"home_timezone": "Eur", "sports": []}
    shown = data(await save(person.client, "personal_info", half, 0))
    assert shown["values"]["personal_info"] == half
    shown = data(await save(person.client, "personal_info", {"units": None}, shown["version"]))
    assert shown["values"]["personal_info"] == {}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"is_admin": True}, {"values.is_admin": "extra_forbidden"}),
        ({"units": 5, "sports": "run"}, {"values.units": "string_type", "values.sports": "list_type"}),
        ({"sports": [{"deep": {}}]}, {"values.sports": "string_type"}),
        ({"sports": ["run"] * 51}, {"values.sports": "too_long"}),
        ({"units": "x" * 2001}, {"values.units": "string_too_long"}),
        ({"units": "a\0b"}, {"values.units": "invalid_character"}),
        ({"units": "\ud800"}, {"values.units": "string_unicode"}),
        ({"sports": ["\u20ac" * 100 for _ in range(50)], "units": "\u20ac" * 2000}, {"values": "too_long"}),
    ],
)
async def test_a_draft_that_is_none_is_refused(
    person: Person, values: dict[str, Any], found: dict[str, str]
) -> None:
    assert faults(await save(person.client, "personal_info", values, 0)) == found
    assert (await progress_of(person.client))["version"] == 0


async def test_a_field_without_a_name_is_refused(person: Person) -> None:
    answer = await save(person.client, "personal_info", {"\ud800": 1}, 0)
    assert set(faults(answer).values()) == {"string_unicode"}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, {"home_timezone": "missing", "units": "missing", "sports": "missing"}),
        (ABOUT | {"home_timezone": "Europe/Atlantis"}, {"home_timezone": "timezone_unknown"}),
        (ABOUT | {"home_timezone": "localtime"}, {"home_timezone": "timezone_unknown"}),
        (ABOUT | {"home_timezone": "../../etc/passwd"}, {"home_timezone": "timezone_unknown"}),
        (ABOUT | {"units": "cubits"}, {"units": "literal_error"}),
        (ABOUT | {"sports": []}, {"sports": "missing"}),
        (ABOUT | {"sports": ["chess"]}, {"sports": "literal_error"}),
    ],
)
async def test_a_stage_is_done_when_its_answers_fit(
    person: Person, values: dict[str, Any], found: dict[str, str]
) -> None:
    answer = await save(person.client, "personal_info", values, 0, advance=True)
    assert faults(answer) == {f"values.{field}": code for field, code in found.items()}
    assert all(error["message"].endswith(".") for error in answer.json()["errors"])


async def test_stages_come_in_their_order(person: Person) -> None:
    client = person.client
    assert refusal(await save(client, "terms", accepted(), 0, advance=True)) == (
        409,
        "onboarding_stage_ahead",
    )
    assert faults(await save(client, "professional_info", {}, 0)) == {"stage": "unknown_stage"}
    assert refusal(await client.post(COMPLETE)) == (409, "onboarding_incomplete")
    shown = data(await save(client, "personal_info", ABOUT, 0, advance=True))
    assert refusal(await client.post(COMPLETE)) == (409, "onboarding_incomplete")
    assert (await progress_of(client)) == shown


async def test_a_change_opens_its_stage_again(person: Person) -> None:
    client = person.client
    shown = data(await save(client, "personal_info", ABOUT, 0, advance=True))
    shown = data(await save(client, "terms", accepted(), shown["version"], advance=True))
    shown = data(await save(client, "personal_info", ABOUT | {"units": "imperial"}, shown["version"]))
    assert (shown["stage"], states(shown)) == ("personal_info", {"personal_info": "current", "terms": "done"})
    assert refusal(await client.post(COMPLETE)) == (409, "onboarding_incomplete")
    shown = data(
        await save(client, "personal_info", shown["values"]["personal_info"], shown["version"], advance=True)
    )
    assert data(await client.post(COMPLETE))["stage"] == "completed"


async def test_what_is_completed_stays(person: Person) -> None:
    shown = await finish(person.client)
    again = await save(person.client, "personal_info", ABOUT | {"units": "imperial"}, shown["version"])
    assert refusal(again) == (409, "onboarding_completed")


async def test_an_edit_elsewhere_is_told_with_what_is_there_now(person: Person) -> None:
    client = person.client
    data(await save(client, "personal_info", ABOUT, 0))
    answer = await save(client, "personal_info", ABOUT | {"units": "imperial"}, 0)
    assert refusal(answer) == (409, "onboarding_edited_elsewhere")
    assert answer.json()["current"] == await progress_of(client)
    shown = data(
        await save(
            client, "personal_info", ABOUT | {"units": "imperial"}, answer.json()["current"]["version"]
        )
    )
    assert shown["values"]["personal_info"]["units"] == "imperial"


async def test_a_save_whose_answer_was_lost_can_be_repeated(person: Person) -> None:
    client = person.client
    for advance in (False, True):
        version = (await progress_of(client))["version"]
        first = data(await save(client, "personal_info", ABOUT, version, advance=advance))
        assert data(await save(client, "personal_info", ABOUT, version, advance=advance)) == first


async def test_of_two_at_once_one_is_kept_and_the_other_told(person: Person) -> None:
    drafts = [{"home_timezone": f"Zone{i}"} for i in range(8)]
    answers = await asyncio.gather(*(save(person.client, "personal_info", draft, 0) for draft in drafts))
    kept = [a for a in answers if a.status_code == 200]
    told = [a for a in answers if a.status_code != 200]
    assert len(kept) == 1
    assert {refusal(a) for a in told} == {(409, "onboarding_edited_elsewhere")}
    now = await progress_of(person.client)
    assert (now["version"], now["values"]) == (1, kept[0].json()["data"]["values"])


async def test_new_terms_are_asked_again_and_all_else_stays(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = person.client
    before = await finish(client)
    old = accepted()
    newer = Terms("2099-01-01", "Terms of use", ())
    for module in (flow, progress, schemas, service):
        monkeypatch.setattr(module, "terms_in_force", lambda: newer)
    shown = await progress_of(client)
    assert (shown["stage"], shown["completed_at"]) == ("terms", None)
    assert shown["terms"] == {
        "version": "2099-01-01", "accepted": False, "accepted_version": old["version"],
    }  # fmt: skip
    assert shown["values"]["personal_info"] == before["values"]["personal_info"]
    answer = await save(client, "terms", old, shown["version"], advance=True)
    assert faults(answer) == {"values.version": "terms_changed"}
    new = {"accepted": True, "version": "2099-01-01"}
    shown = data(await save(client, "terms", new, shown["version"], advance=True))
    assert (shown["stage"], shown["terms"]["accepted"]) == ("completed", True)


async def test_terms_are_not_accepted_by_refusing_or_drafting(person: Person) -> None:
    client = person.client
    shown = data(await save(client, "personal_info", ABOUT, 0, advance=True))
    answer = await save(client, "terms", accepted() | {"accepted": False}, shown["version"], advance=True)
    assert faults(answer) == {"values.accepted": "literal_error"}
    shown = data(await save(client, "terms", accepted(), shown["version"]))
    assert not shown["terms"]["accepted"]


async def test_acceptance_is_recorded(person: Person) -> None:
    await finish(person.client)
    found = (await person.client.get("/api/v1/audit?action=onboarding.terms_accepted")).json()["data"]
    assert [entry["details"] for entry in found] == [{"version": terms_in_force().version}]
    assert found[0]["resource"] == {"kind": "account", "id": str(person.identity.account_id)}
    assert found[0]["client_address"] == "203.0.113.1"


async def test_terms_bring_the_consents_that_are_part_of_them(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recorded when they are accepted; new terms take back no withdrawal."""
    client = person.client
    assert await consents(client) == {(True, False)}
    await finish(client)
    assert await consents(client) == {(True, True)}
    for one in (await client.get(CONSENTS)).json()["data"]:
        said = {"given": False, "version": one["version"]}
        data(await client.put(f"{CONSENTS}/{one['purpose']}", json=said))
    newer = Terms("2099-01-01", "Terms of use", ())
    for module in (flow, progress, schemas, service):
        monkeypatch.setattr(module, "terms_in_force", lambda: newer)
    shown = await progress_of(client)
    data(
        await save(
            client, "terms", {"accepted": True, "version": newer.version}, shown["version"], advance=True
        )
    )
    assert await consents(client) == {(False, True)}


async def test_terms_bring_no_consent_that_is_asked_for_apart(platform: Platform, person: Person) -> None:
    letters = Purpose("asking.letters", "Letters", "We may write to you.", version="1")
    asking = App("asking", "Asking", "Asks for a consent.", consents=(letters,))
    own = replace(platform, registry=Registry((*platform.registry.apps, asking)))
    async with open_context(own, person.identity, RequestInfo("test")) as ctx:
        await consent_with_terms(ctx)
        given = {one.purpose: one.given for one in await list_standings(ctx)}
    assert given.pop(letters) is False
    assert set(given.values()) == {True}


async def consents(client: httpx.AsyncClient) -> set[tuple[bool, bool]]:
    """Of every purpose: whether it is given, and whether that was ever said."""
    return {(one["given"], one["since"] is not None) for one in (await client.get(CONSENTS)).json()["data"]}


async def test_the_log_keeps_answers_apart(person: Person) -> None:
    data(await save(person.client, "personal_info", {"home_timezone": "Antarctica/Troll"}, 0))
    answer = await person.client.get("/api/v1/audit?action=kernel.onboarding.update")
    assert answer.json()["data"][0]["changes"]["answers"]["hidden"] == "personal"
    assert "Troll" not in answer.text


async def test_home_becomes_the_athletes(person: Person, open_ctx: OpenCtx) -> None:
    data(await save(person.client, "personal_info", ABOUT, 0))
    async with open_ctx(person.identity) as ctx:
        assert (
            await ctx.session.scalar(select(Athlete.timezone).where(Athlete.organization_id == ctx.org))
            is None
        )
    data(await save(person.client, "personal_info", ABOUT, 1, advance=True))
    async with open_ctx(person.identity) as ctx:
        zone = await ctx.session.scalar(select(Athlete.timezone).where(Athlete.organization_id == ctx.org))
    assert zone == "Europe/Zurich"


async def test_a_role_without_a_flow_is_asked_for_the_terms_alone(person: Person, open_ctx: OpenCtx) -> None:
    async with open_ctx(replace(person.identity, role="auditor")) as ctx:
        shown = await service.show(ctx, await service.get_progress(ctx))
    assert (shown["flow"], [stage["name"] for stage in shown["stages"]]) == ("terms", ["terms"])


async def test_one_account_has_nothing_of_anothers(make_person: MakePerson, open_ctx: OpenCtx) -> None:
    ada, bob = await make_person(), await make_person()
    await finish(ada.client)
    assert (await progress_of(bob.client))["stage"] == "started"
    # Somebody else in Ada's organization: the wall itself shows nothing.
    beside = replace(ada.identity, user_id=bob.identity.user_id, account_id=bob.identity.account_id)
    async with open_ctx(beside) as ctx:
        assert (await ctx.session.execute(text("SELECT count(*) FROM kernel.onboarding"))).scalar_one() == 0


async def test_onboarding_is_for_people_who_have_signed_in(client: httpx.AsyncClient) -> None:
    assert (await client.get(PROGRESS)).status_code == 401
    assert (await save(client, "personal_info", {}, 0)).status_code == 401
    assert (await client.post(COMPLETE)).status_code == 401
    terms = (await client.get("/api/v1/onboarding/terms")).json()["data"]
    assert terms["version"] == terms_in_force().version
    assert all(section["title"] and section["paragraphs"] for section in terms["sections"])
