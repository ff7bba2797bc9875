"""A workout that stands out of its athlete's others: told on its page, and raised once, without a mail."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from rowhouse.apps.fitness.workouts import outliers
from rowhouse.kernel.context import Ctx, Identity
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.mail.jobs import SEND_MAIL
from rowhouse.kernel.security.models import SecurityEvent
from rowhouse.kit.time import now
from tests.apps.fitness.journey import RunJobs, upload, workouts
from tests.conftest import Person
from tests.generators.activities import Activity, activity
from tests.generators.fit import fit_file

OpenCtx = Callable[[Identity], AbstractAsyncContextManager[Ctx]]
FIRST = now().replace(microsecond=0) - timedelta(days=25)


def ride(day: int, bpm: float) -> Activity:
    made = activity(600, start=FIRST + timedelta(days=day), seed=day, power=False)
    beats = np.full(len(made.channels["heart_rate_bpm"]), bpm)
    return replace(made, channels=made.channels | {"heart_rate_bpm": beats})


async def put_thresholds(person: Person) -> None:
    known = {"sex": "male", "birth_year": 1990, "max_hr_bpm": 195, "resting_hr_bpm": 50, "lthr_bpm": 170}
    for kind, value in known.items():
        answer = await person.client.put(
            f"/api/v1/thresholds/{kind}", json={"value": value, "valid_from": "2020-01-01"}
        )
        assert answer.status_code == 200, answer.text


async def told(person: Person, open_ctx: OpenCtx) -> Sequence[Any]:
    async with open_ctx(person.identity) as ctx:
        mails = select(Job.id).where(Job.organization_id == ctx.org, Job.kind == SEND_MAIL.name)
        assert (await ctx.session.scalars(mails)).all() == []
        query = select(SecurityEvent).where(
            SecurityEvent.user_id == ctx.user, SecurityEvent.kind == "figures_unusual"
        )
        return [event.details for event in (await ctx.session.scalars(query)).all()]


async def test_what_stands_out_is_told_and_raised_once(
    person: Person, run_due_jobs: RunJobs, open_ctx: OpenCtx
) -> None:
    await put_thresholds(person)
    usual = [(f"{day}.fit", fit_file(ride(day, 128 + day % 5))) for day in range(outliers.FEWEST)]
    await upload(person, run_due_jobs, *usual)
    [odd] = await upload(person, run_due_jobs, ("odd.fit", fit_file(ride(22, 188))))
    [odd_id] = odd["workout_ids"]
    for one in await workouts(person):
        found = (await person.client.get(f"/api/v1/workouts/{one['id']}/outliers")).json()["data"]
        assert bool(found) == (one["id"] == odd_id)
        if found:
            assert {o["figure"] for o in found} >= {"tss", "trimp"}
            assert all(o["score"] > outliers.HIGHEST_SCORE and o["of"] == outliers.FEWEST for o in found)
    [event] = await told(person, open_ctx)
    assert event["workout_id"] == odd_id
    edited = await person.client.put(f"/api/v1/workouts/{odd_id}", json={"title": "All out"})
    assert edited.status_code == 200
    assert len(await told(person, open_ctx)) == 1
    audited = (await person.client.get("/api/v1/audit?action=security.figures_unusual")).json()["data"]
    assert len(audited) == 1


@pytest.mark.parametrize(
    ("value", "others", "stands_out"),
    [
        (100, [50.0] * 19, False),  # too few to compare with
        (62, [50.0] * 30, False),  # within what an even athlete varies by
        (64, [50.0] * 30, True),
        (0, [0.0] * 30, False),
        (80, [40.0, 50.0, 60.0] * 10, False),
        (110, [40.0, 50.0, 60.0] * 10, True),
        (1, [40.0, 50.0, 60.0] * 10, False),
        (1, [49.0, 50.0, 51.0] * 10, True),
    ],
)
def test_what_stands_out(value: float, others: list[float], stands_out: bool) -> None:
    assert (outliers._compared("tss", value, others) is not None) == stands_out
