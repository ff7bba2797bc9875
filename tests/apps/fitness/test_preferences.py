"""An account's own units and home: asked by onboarding, changed in the settings, and what reads them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.organizations.models import Organization
from tests.apps.fitness.journey import RunJobs, upload, workouts
from tests.conftest import MakePerson, Person
from tests.generators.activities import START, activity
from tests.generators.xml import tcx_file
from tests.kernel.onboarding.test_progress import ABOUT, finish, progress_of

PREFERENCES = "/api/v1/preferences"
OpenCtx = Callable[[Identity], AbstractAsyncContextManager[Ctx]]


async def read(person: Person) -> dict[str, Any]:
    answer = await person.client.get(PREFERENCES)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def put(person: Person, **said: Any) -> httpx.Response:
    return await person.client.put(PREFERENCES, json=said)


async def organize(person: Person, **settings: Any) -> None:
    path = f"/api/v1/organizations/{person.identity.organization_id}"
    assert (await person.client.patch(path, json={"settings": settings})).status_code == 200


async def test_until_somebody_says_the_organizations_count(person: Person) -> None:
    assert await read(person) == {"units": "metric", "timezone": None, "organization_timezone": None}
    await organize(person, units="imperial", timezone="Europe/Zurich")
    theirs = {"units": "imperial", "timezone": None, "organization_timezone": "Europe/Zurich"}
    assert await read(person) == theirs
    said = await put(person, units="metric", timezone="Asia/Kolkata")
    assert said.json()["data"] == theirs | {"units": "metric", "timezone": "Asia/Kolkata"}
    assert await read(person) == said.json()["data"]


async def test_they_are_what_onboarding_was_told_and_open_nothing_of_it_again(person: Person) -> None:
    done = await finish(person.client)
    assert await read(person) == {
        "units": ABOUT["units"],
        "timezone": ABOUT["home_timezone"],
        "organization_timezone": None,
    }
    assert (await put(person, units="imperial", timezone="Asia/Kolkata")).status_code == 200
    shown = await progress_of(person.client)
    assert (shown["stage"], shown["version"]) == ("completed", done["version"] + 1)
    now_said = {"units": "imperial", "home_timezone": "Asia/Kolkata"}
    assert shown["values"]["personal_info"] == ABOUT | now_said
    # Said once more, nothing has changed.
    assert (await put(person, units="imperial", timezone="Asia/Kolkata")).status_code == 200
    assert (await progress_of(person.client))["version"] == shown["version"]
    assert (await put(person, units="imperial", timezone=None)).json()["data"]["timezone"] is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"units": "cubits", "timezone": None}, "units"),
        ({"timezone": None}, "units"),
        ({"units": "metric"}, "timezone"),
        *(
            ({"units": "metric", "timezone": name}, "timezone")
            for name in ("Europe/Atlantis", "localtime", "")
        ),
    ],
)
async def test_what_does_not_fit_is_named(person: Person, said: dict[str, Any], field: str) -> None:
    answer = await put(person, **said)
    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field])
    assert (await read(person))["timezone"] is None


async def test_they_are_an_accounts_own(person: Person, make_person: MakePerson) -> None:
    other = await make_person()
    await put(person, units="imperial", timezone="Asia/Kolkata")
    assert await read(other) == {"units": "metric", "timezone": None, "organization_timezone": None}


@pytest.mark.parametrize(
    ("organization", "own", "shown"),
    [
        (None, None, "Europe/Zurich"),
        ("Asia/Tokyo", None, "Asia/Tokyo"),
        ("Asia/Tokyo", "Asia/Kolkata", "Asia/Kolkata"),
    ],
)
async def test_a_recording_without_a_place_is_shown_at_home(
    person: Person, run_due_jobs: RunJobs, organization: str | None, own: str | None, shown: str
) -> None:
    """Which another recording's place is only where neither the athlete nor their organization has said."""
    if organization:
        await organize(person, timezone=organization)
    if own:
        await put(person, units="metric", timezone=own)
    outside, inside = (
        activity(600, seed=1),
        activity(600, seed=2, place=None, start=START + timedelta(days=1)),
    )
    await upload(person, run_due_jobs, ("outside.tcx", tcx_file(outside).encode()))
    await upload(person, run_due_jobs, ("inside.tcx", tcx_file(inside).encode()))
    zones = [one["timezone"] for one in await workouts(person, "?sort=start_time")]
    assert zones == ["Europe/Zurich", shown]


async def test_a_zone_that_is_none_any_more_counts_as_none(person: Person, open_ctx: OpenCtx) -> None:
    """As a release before this one let an organization set it."""
    async with open_ctx(person.identity) as ctx:
        mine = update(Organization).where(Organization.id == ctx.org)
        await ctx.session.execute(mine.values(settings={"timezone": "localtime"}))
    assert (await read(person))["organization_timezone"] is None
