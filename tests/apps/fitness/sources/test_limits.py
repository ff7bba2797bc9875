"""A provider's limits, and ours: what waits, what goes on, and what is said of it; Strava as the example."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from rowhouse.apps.fitness.sources import calls
from rowhouse.apps.fitness.sources.models import Source
from rowhouse.apps.fitness.sources.providers import PROVIDERS
from rowhouse.apps.fitness.sources.strava import adapter
from rowhouse.apps.fitness.sources.strava.adapter import StravaAdapter
from rowhouse.apps.fitness.sources.telling import KINDS
from rowhouse.kernel import redis as redis_client
from rowhouse.kernel.jobs.models import Job
from rowhouse.kernel.limits import service_quotas
from rowhouse.kernel.limits.service_quotas import Quota
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import service_quota_key
from rowhouse.kernel.work import open_context
from rowhouse.kit.time import now
from tests.apps.fitness.sources.conftest import HERE, Athlete, Mailbox, athlete_of
from tests.conftest import MakePerson
from tests.sandbox.served import Served

pytestmark = pytest.mark.enable_socket


def in_minutes(minutes: int) -> datetime:
    """At a whole one, for that is how it is told."""
    return (now() + timedelta(minutes=minutes)).replace(second=0, microsecond=0)


@dataclass
class Limit:
    """What Strava's answers tell of a limit that is as small as a test wants it: each is one call more, unless it
    `stands`."""

    most: int
    used: int = 0
    stands: bool = False
    resets_at: datetime = field(default_factory=lambda: in_minutes(10))
    also: Sequence[Quota] = ()

    def told(self) -> Sequence[Quota]:
        self.used += not self.stands
        return [Quota(self.used, self.most, self.resets_at), *self.also]

    def reset(self, patch: pytest.MonkeyPatch) -> None:
        """As time goes by."""
        later = now() + timedelta(minutes=11)
        for module in (calls, service_quotas):
            patch.setattr(module, "now", lambda: later)
        self.used, self.resets_at = 0, in_minutes(25)

    def tells(self, patch: pytest.MonkeyPatch) -> "Limit":
        """One page, and one call after the other, so that it is known how far each comes."""
        patch.setattr(adapter, "PER_PAGE", 30)
        patch.setattr(StravaAdapter, "quotas", lambda *_: self.told())
        patch.setattr(calls, "AT_ONCE", 1)
        return self


@pytest.fixture(autouse=True)
async def nothing_is_used(there: Platform) -> AsyncIterator[None]:
    await there.redis.delete(service_quota_key("strava"))
    yield
    await there.redis.delete(service_quota_key("strava"))


def asked(athlete: Athlete, path: str = "") -> list[str]:
    """What Strava's limit counts, of all athletes."""
    return [one["path"] for one in athlete.calls() if one["path"].startswith(f"/api/v3/a{path}")]


def lists(athlete: Athlete) -> list[str]:
    return asked(athlete, "thlete/activities")


async def test_a_quota_that_gets_short(
    athlete: Athlete, mailbox: Mailbox, woken: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At four fifths history waits and what is new goes on slowly; at nine tenths everything waits, and a mail goes out."""
    athlete.subscribe(mailbox)
    limit = Limit(100, 82, stands=True).tells(monkeypatch)
    assert await athlete.connect("strava") == "/sources?connected=strava"
    await athlete.work()
    assert await athlete.workouts() == []
    detail = await athlete.detail()
    assert detail["error"] == f"Strava's limit is reset at {limit.resets_at:%H:%M} UTC."
    assert (detail["error_code"], len(lists(athlete))) == ("history_waits", 1)
    assert datetime.fromisoformat(detail["next_sync"]) >= limit.resets_at
    assert await athlete.notices() == ["fitness.quota"]
    pauses: list[float] = []

    async def pause(wait_s: float) -> None:
        pauses.append(wait_s)

    monkeypatch.setattr(calls, "pause", pause)
    athlete.does("strava", days_ago=0.1, title="New", notify=True)
    assert await athlete.deliver(mailbox, woken) == ["accepted"]
    assert [one["title"] for one in await athlete.workouts()] == ["New"], "and nothing of the history"
    assert pauses == [calls.SLOWLY_S] * 2, "before the activity, and before its samples"
    assert len(lists(athlete)) == 1
    assert await athlete.notices() == ["fitness.quota"], "told once"
    assert len(await waiting(athlete)) == 1
    await athlete.work(waiting=True)
    assert len(await athlete.workouts()) == 1, "history waits also when its job comes too soon"
    limit.used = 91
    athlete.does("strava", days_ago=0.05, notify=True)
    await athlete.deliver(mailbox, woken)
    before = len(athlete.calls())
    assert "fitness.quota_used" in await athlete.notices()
    assert (await athlete.detail())["error_code"] == "quota"
    athlete.does("strava", days_ago=0.01, notify=True)
    await athlete.deliver(mailbox, woken)
    await athlete.work(waiting=True)
    assert len(athlete.calls()) == before, "nothing is asked any more"
    kinds = {kind.name: kind.mailed for kind in KINDS}
    assert (kinds["fitness.quota"], kinds["fitness.quota_used"]) == (False, True)
    limit.reset(monkeypatch)
    await athlete.work(waiting=True)
    assert len(await athlete.workouts()) == len(athlete.truth())
    assert (await athlete.detail())["error_code"] is None


async def test_what_came_before_a_limit_is_kept(athlete: Athlete, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list, five activities, the samples of two of them: then four fifths are used."""
    limit = Limit(10).tells(monkeypatch)
    await athlete.connect("strava")
    await athlete.work()
    assert (len(asked(athlete)), len(await athlete.workouts())) == (8, 2)
    limit.reset(monkeypatch)
    limit.most = 1_000
    await athlete.work(waiting=True)
    assert len(await athlete.workouts()) == len(athlete.truth()) == 5
    assert sorted(Counter(asked(athlete, "ctivities")).values()) == [1] * 7 + [2] * 3


async def test_history_that_waits_behind_its_first_page_asks_for_nothing(
    athlete: Athlete, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first page with all that belongs to it, then the list of the second and a part of that."""
    limit = Limit(10).tells(monkeypatch)
    monkeypatch.setattr(adapter, "PER_PAGE", 2)
    await athlete.connect("strava")
    await athlete.work()
    assert (len(lists(athlete)), len(asked(athlete))) == (2, 8)
    assert (await athlete.detail())["error_code"] == "history_waits"
    await athlete.work(waiting=True)
    assert len(asked(athlete)) == 8, "too soon"
    # What was cut off for another reason is found to be history by its next page.
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = (Source.organization_id == ctx.org, Source.athlete_id == ctx.account)
        await ctx.session.execute(update(Source).where(*own).values(error_code=None))
    limit.stands = True
    await athlete.work(waiting=True)
    assert (len(lists(athlete)), len(asked(athlete))) == (3, 9)


@dataclass(frozen=True, slots=True)
class Others:
    """Athletes of other organizations."""

    there: Platform
    sandbox: Served
    make_person: MakePerson
    stack: AsyncExitStack

    async def one(self, activities: int = 5) -> Athlete:
        person = await self.make_person()
        return await self.stack.enter_async_context(athlete_of(self.there, self.sandbox, person, activities))


@pytest.fixture
async def others(there: Platform, sandbox: Served, make_person: MakePerson) -> AsyncIterator[Others]:
    async with AsyncExitStack() as stack:
        yield Others(there, sandbox, make_person, stack)


async def test_a_limit_is_shared_out_among_organizations(
    athlete: Athlete, others: Others, mailbox: Mailbox, woken: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenth is used by others, so one's history waits from a quarter on, and another's goes on."""
    limit = Limit(60, used=6).tells(monkeypatch)
    greedy = await others.one(activities=10)
    athlete.subscribe(mailbox)
    await greedy.connect("strava")
    await greedy.work()
    assert len(asked(greedy)) == 15, "a quarter"
    brought = len(await greedy.workouts())
    assert 0 < brought < 10
    assert (await greedy.detail())["error_code"] == "history_waits"
    assert await greedy.notices() == ["fitness.quota"]

    await athlete.connect("strava")
    await athlete.work()
    assert len(await athlete.workouts()) == len(athlete.truth()) == 5
    assert (await athlete.source())["error"] is None

    before = len(asked(greedy))
    await greedy.work(waiting=True)
    assert len(asked(greedy)) == before, "too soon"
    greedy.does("strava", days_ago=0.1, title="New", notify=True)
    await greedy.deliver(mailbox, woken)
    assert [one["title"] for one in await greedy.workouts()].count("New") == 1
    assert len(await greedy.workouts()) == brought + 1

    limit.reset(monkeypatch)
    await greedy.work(waiting=True)
    assert len(await greedy.workouts()) == 11


async def test_what_nobody_else_wants_is_ones_own(others: Others, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to four fifths."""
    Limit(25).tells(monkeypatch)
    alone = await others.one(activities=10)
    before = len(asked(alone))
    await alone.connect("strava")
    await alone.work()
    assert len(asked(alone)) - before == 20
    assert (await alone.detail())["error_code"] == "history_waits"


async def test_who_comes_new_knows_what_the_others_have_used(
    athlete: Athlete, others: Others, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked to find out: neither of what is used up nor, for history, of what is nearly so."""
    limit = Limit(100, 91, stands=True).tells(monkeypatch)
    await athlete.connect("strava")
    await athlete.work()
    before = asked(athlete)
    assert len(before) == 1
    third = await others.one()
    await third.connect("strava")
    await third.work()
    assert asked(third) == before
    assert "fitness.quota_used" in await third.notices()
    detail = await third.detail()
    assert (detail["error_code"], detail["quota"]["used"]) == ("quota", 91)
    assert datetime.fromisoformat(detail["next_sync"]) >= limit.resets_at

    await athlete.platform.redis.delete(service_quota_key("strava"))
    limit.used = 85
    fourth, fifth = await others.one(), await others.one()
    await fourth.connect("strava")
    await fourth.work()
    before = asked(fourth)
    await fifth.connect("strava")
    await fifth.work()
    assert asked(fifth) == before
    assert (await fifth.detail())["error_code"] == "history_waits"

    limit.reset(monkeypatch)
    for one in (third, fifth):
        await one.work(waiting=True)
        assert len(await one.workouts()) == 5


async def test_without_redis_a_source_goes_by_what_it_was_told(
    athlete: Athlete, others: Others, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = Limit(100, 85, stands=True).tells(monkeypatch)
    away = redis_client.connect("redis://127.0.0.1:1/0")
    alone = replace(athlete, platform=replace(athlete.platform, redis=away))
    await alone.connect("strava")
    await alone.work()
    await alone.work(waiting=True)
    assert ((await alone.detail())["error_code"], len(lists(alone))) == ("history_waits", 1)
    other = await others.one()
    await other.connect("strava")
    await other.work()
    assert len(lists(alone)) == 2, "what nobody could tell, each finds out"
    limit.reset(monkeypatch)
    await alone.work(waiting=True)
    assert len(await alone.workouts()) == 5
    await away.aclose()


@pytest.mark.parametrize(("quarter", "day"), [(85, 20), (20, 85), (92, 85), (20, 92)])
async def test_the_fuller_of_two_windows_counts(
    athlete: Athlete, monkeypatch: pytest.MonkeyPatch, quarter: int, day: int
) -> None:
    limit = Limit(100, quarter, stands=True).tells(monkeypatch)
    limit.also = [Quota(day * 10, 1_000, in_minutes(600))]
    await athlete.connect("strava")
    await athlete.work()
    detail = await athlete.detail()
    assert detail["error_code"] == ("quota" if max(quarter, day) >= 90 else "history_waits")
    waits_for = limit.resets_at if quarter > day else limit.also[0].resets_at
    assert detail["error"] == f"Strava's limit is reset at {waits_for:%H:%M} UTC."
    assert await athlete.workouts() == []


def test_strava_tells_two_windows() -> None:
    headers = {"x-ratelimit-limit": "200,2000", "x-ratelimit-usage": "31,1800"}
    at = datetime(2026, 11, 28, 10, 14, 59, tzinfo=UTC)
    midnight = datetime(2026, 11, 29, tzinfo=UTC)
    told = StravaAdapter().quotas(headers, at)
    assert told == [Quota(31, 200, at + timedelta(seconds=1)), Quota(1_800, 2_000, midnight)]
    # Who asks at the turn may be told of the quarter that has just gone, and does not take it for the new one.
    assert StravaAdapter().quotas(headers, at + timedelta(seconds=2))[0].resets_at == at + timedelta(
        seconds=1
    )
    later = at + timedelta(seconds=4)
    assert StravaAdapter().quotas(headers, later)[0].resets_at == at + timedelta(seconds=1, minutes=15)
    reads = {"x-readratelimit-limit": "100,1000", "x-readratelimit-usage": "5,6"}
    assert [one.used for one in StravaAdapter().quotas(headers | reads, at)] == [5, 6]
    assert StravaAdapter().quotas({"x-ratelimit-usage": "31"}, at) == ()


async def waiting(athlete: Athlete) -> Sequence[UUID]:
    """The jobs that are still to begin."""
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = select(Job.id).where(
            Job.organization_id == ctx.org,
            Job.account_id == ctx.account,
            Job.state == "queued",
            ~Job.internal,
        )
        return (await ctx.session.scalars(own)).all()


async def test_calls_that_cost_end_with_the_budget(
    athlete: Athlete, month: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    """$0.08 of the month's $0.10 at a cent a call."""
    monkeypatch.setitem(PROVIDERS, "strava", replace(PROVIDERS["strava"], price_usd=0.01))
    assert await athlete.connect("strava") == "/sources?connected=strava"
    asked = len(athlete.calls())
    await athlete.work()
    source = await athlete.row()
    assert (source.calls, source.calls_month) == (8, month)
    assert len(athlete.calls()) == asked + 8
    assert source.error == "This month's budget for calls to Strava is used up."
    assert "fitness.quota_used" in await athlete.notices()
    await athlete.work(waiting=True)
    assert len(athlete.calls()) == asked + 8
    async with open_context(athlete.platform, athlete.person.identity, HERE) as ctx:
        own = (Source.organization_id == ctx.org, Source.athlete_id == ctx.account)
        before = update(Source).where(*own).values(calls_month=month - timedelta(days=40))
        await ctx.session.execute(before)
    await athlete.work(waiting=True)
    assert (await athlete.row()).calls > 0
    assert len(athlete.calls()) > asked + 8


async def test_a_limit_is_waited_for(athlete: Athlete, monkeypatch: pytest.MonkeyPatch) -> None:
    await athlete.connected()
    monkeypatch.setitem(PROVIDERS, "strava", replace(PROVIDERS["strava"], price_usd=0.0001))
    before = len(athlete.calls())
    athlete.sandbox.control("PUT", "faults", {"strava": {"status": 429, "retry_after": 300, "times": 1}})
    job = await athlete.sync()
    assert job["state"] == "queued"
    assert (await athlete.row()).calls == len(athlete.calls()) - before > 0
    source = await athlete.source()
    assert source["status"] == "connected"
    assert source["error"].startswith("Strava's limit is reset at")
    detail = await athlete.detail()
    assert (detail["error_code"], detail["job_id"]) == ("quota", job["id"])
    assert datetime.fromisoformat(detail["next_sync"]) > now() + timedelta(seconds=200)
    assert "fitness.quota_used" in await athlete.notices()
    await athlete.work(waiting=True)
    assert (await athlete.source())["error"] is None


async def test_behind_a_limit_nothing_more_is_asked(
    athlete: Athlete, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the five activities of a page, one after the other."""
    monkeypatch.setattr(calls, "AT_ONCE", 1)
    await athlete.connect("strava")
    fault = {"status": 429, "retry_after": 300, "paths": "/activities/"}
    athlete.sandbox.control("PUT", "faults", {"strava": fault})
    await athlete.work()
    assert len(asked(athlete, "ctivities/")) == 1
    assert (await athlete.detail())["error_code"] == "quota"


async def test_ten_syncs_by_hand_in_an_hour(athlete: Athlete) -> None:
    await athlete.connected()
    source = await athlete.source()
    for _ in range(10):
        assert (await athlete.http.post(f"/api/v1/sources/{source['id']}/sync")).status_code == 202
    answer = await athlete.http.post(f"/api/v1/sources/{source['id']}/sync")
    assert (answer.status_code, answer.json()["code"]) == (429, "limit_reached")
