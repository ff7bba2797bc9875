"""Terms of use as the operator has set them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from rowhouse.apps.fitness.biometrics.models import Biometric
from rowhouse.apps.fitness.matching.parts import Parent
from rowhouse.apps.fitness.matching.trace import Trace
from rowhouse.apps.fitness.retention import TERMS
from rowhouse.apps.fitness.sources.garmin_personal import adapter as garmin
from rowhouse.apps.fitness.terms import Terms, kept_apart, terms_of
from rowhouse.apps.fitness.workouts import rematch
from rowhouse.apps.fitness.workouts.models import Match
from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.apps.fitness.workouts.rematch import members_of
from rowhouse.kernel.platform import Platform, running
from rowhouse.kernel.settings import ProviderTerms, Settings
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.apps.fitness.sources.conftest import HERE, Athlete

pytestmark = pytest.mark.enable_socket

SET = {
    "strava": ProviderTerms(combine_and_analyse=False),
    "garmin-personal": ProviderTerms(retention_days=4, why="A word of theirs."),
    "whoop": ProviderTerms(model_input=False, share_with_others=False),
}


@pytest.fixture
def there(there: Platform) -> Platform:
    return replace(there, settings=there.settings.model_copy(update={"provider_terms": SET}))


def test_only_what_is_set_is_other(there: Platform) -> None:
    assert terms_of(there.settings, "strava") == replace(
        terms_of(_unset(there), "strava"), combine_and_analyse=False
    )
    assert terms_of(there.settings, "garmin-personal") == Terms(retention_days=4, why="A word of theirs.")
    assert kept_apart(there.settings) == {"strava"}
    assert kept_apart(_unset(there)) == frozenset()


async def test_what_comes_is_marked_with_the_terms_that_are_set(athlete: Athlete) -> None:
    await athlete.connect("whoop")
    await athlete.work()
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        said = select(Biometric.withheld, Biometric.model_input).where(
            Biometric.organization_id == ctx.org,
            Biometric.athlete_id == ctx.account,
            Biometric.provider == "whoop",
        )
        assert {tuple(row) for row in await ctx.session.execute(said)} == {(True, False)}


async def _decided_before(athlete: Athlete, monkeypatch: pytest.MonkeyPatch, ids: list[str]) -> None:
    """That what was found to be the same before the terms were set is apart, and no part of a longer outing either."""
    asked: set[UUID] = set()

    def parents_of(clusters: Sequence[Sequence[UUID]], traces: Iterable[Trace]) -> list[Parent]:
        asked.update(trace.id for trace in traces)
        return []

    monkeypatch.setattr(rematch, "find_parents", parents_of)
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        owner = await lock_athlete(ctx)
        [of_strava], [of_device] = [await members_of(ctx, [UUID(one)]) for one in ids]
        a, b = sorted((of_strava, of_device))
        ctx.session.add(
            Match(
                organization_id=ctx.org,
                athlete_id=ctx.account,
                record_a=a,
                record_b=b,
                state="same",
                decided_at=now(),
            )
        )
        await ctx.session.flush()
        placed = await rematch.rematch(ctx, owner, [a])
        assert placed[a] != placed[b]
        assert of_device in asked
        assert of_strava not in asked


def _unset(there: Platform) -> Settings:
    return there.settings.model_copy(update={"provider_terms": None})


async def test_terms_of_what_nobody_knows_stop_the_start(there: Platform) -> None:
    settings = there.settings.model_copy(update={"provider_terms": {"strave": ProviderTerms()}})
    with pytest.raises(ValueError, match="strave"):
        async with running(settings, there.registry, application="test"):
            pass


async def test_what_is_to_be_kept_apart_is(athlete: Athlete, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garmin, "EMPTY_WINDOWS", 1)
    for kind, value in {"sex": "female", "resting_hr_bpm": 50, "max_hr_bpm": 190}.items():
        said = {"value": value, "valid_from": "2020-01-01"}
        answer = await athlete.http.put(f"/api/v1/thresholds/{kind}", json=said)
        assert answer.status_code == 200, answer.text
    await athlete.connect("strava")
    await athlete.work()
    await athlete.connect_by_key()
    await athlete.work()
    workouts = await athlete.workouts()
    of = {
        name: [one for one in workouts if one["sources"][0]["provider"] == name]
        for name in ("strava", "garmin")
    }
    assert {name: len(found) for name, found in of.items()} == {name: len(athlete.truth(name)) for name in of}
    assert all(len(one["sources"]) == 1 for one in workouts)
    assert (await athlete.http.get("/api/v1/matches")).json()["data"] == [], "nor is anybody asked"
    assert any(one["load"]["trimp"] for one in of["garmin"])
    assert {(one["load"]["trimp"], one["load"]["tss"]) for one in of["strava"]} == {(None, None)}
    starts = {one["start_time"]: one["id"] for one in of["garmin"]}
    one = next(one for one in of["strava"] if one["start_time"] in starts)
    ids = [one["id"], starts[one["start_time"]]]
    answer = await athlete.http.post("/api/v1/workouts/merge", json={"workout_ids": ids})
    assert (answer.status_code, answer.json()["code"]) == (409, "kept_apart")
    await _decided_before(athlete, monkeypatch, ids)
    offers = (await athlete.http.get("/api/v1/sources/providers")).json()["data"]
    shown = {one["provider"]: one["terms"] for one in offers}
    assert shown["strava"]["combine_and_analyse"] is False
    assert (shown["garmin-personal"]["retention_days"], shown["garmin-personal"]["why"]) == (
        4,
        "A word of theirs.",
    )

    # So long as the days that were set, of which everybody reads.
    rules = {one["rule"]: one for one in (await athlete.http.get("/api/v1/privacy/retention")).json()["data"]}
    assert rules["fitness.garmin-personal_terms"]["days"] == 4
    assert "fitness.garmin_terms" not in rules, "whose terms end nothing"
    [declared] = [one for one in TERMS if one.name == "fitness.garmin-personal_terms"]
    rule = declared.under(athlete.platform.settings)
    assert rule is not None
    assert rule.expire is not None
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        assert await rule.expire(ctx, now() - timedelta(days=1), True) == 0
        assert await rule.expire(ctx, now(), True) >= len(of["garmin"])
