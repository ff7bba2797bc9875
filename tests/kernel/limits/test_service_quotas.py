"""What is used of a service's limits, as its answers tell it: for all organizations together, and each one's part."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from rowhouse.kernel import redis as redis_client
from rowhouse.kernel.limits import service_quotas
from rowhouse.kernel.limits.service_quotas import Quota, SharedQuotas, shares_used
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import organization_keys, service_calls_key, service_quota_key
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now

SERVICE = "simulated"


@pytest.fixture
async def redis(platform: Platform) -> AsyncIterator[Redis]:
    await platform.redis.delete(service_quota_key(SERVICE))
    yield platform.redis
    await platform.redis.delete(service_quota_key(SERVICE))


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """At which it stays, to the millisecond."""
    found = now().replace(microsecond=0)
    at(monkeypatch, found)
    return found


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(service_quotas, "now", lambda: moment)


def seen_by(redis: Redis, organization_id: UUID | None = None) -> SharedQuotas:
    return SharedQuotas(redis, SERVICE, organization_id or uuid7())


async def looked(shared: SharedQuotas) -> list[Quota]:
    await shared.look()
    return sorted(shared.known, key=lambda one: one.limit)


async def test_one_is_told_and_all_know(redis: Redis, moment: datetime) -> None:
    """Of both windows, and whose calls they were."""
    quarter, day = moment + timedelta(minutes=9), moment + timedelta(hours=9)
    one, other = seen_by(redis), seen_by(redis)
    await one.tell([Quota(41, 200, quarter), Quota(300, 2_000, day)])
    await one.tell([Quota(42, 200, quarter), Quota(301, 2_000, day)])
    await other.tell([Quota(43, 200, quarter), Quota(302, 2_000, day)])
    assert await looked(other) == [Quota(43, 200, quarter, 1), Quota(302, 2_000, day, 1)]
    assert await looked(seen_by(redis, one.organization_id)) == [
        Quota(43, 200, quarter, 2),
        Quota(302, 2_000, day, 2),
    ]
    assert await looked(seen_by(redis)) == [Quota(43, 200, quarter), Quota(302, 2_000, day)]
    assert await shares_used(redis, [SERVICE, "another"]) == {SERVICE: 43 / 200, "another": 0.0}


async def test_it_only_grows_until_it_is_reset(
    redis: Redis, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = moment + timedelta(minutes=9)
    mine = seen_by(redis)
    for used in (50, 48, 49):  # answers that overtook each other
        await mine.tell([Quota(used, 200, ends)])
    [known] = mine.known
    assert (known.used, known.own) == (50, 3)
    await mine.tell([Quota(51, 200, ends + timedelta(seconds=1))])
    [known] = mine.known
    assert (known.used, known.own, known.resets_at) == (51, 4, ends), "told a second apart it is the same"

    at(monkeypatch, ends + timedelta(seconds=2))
    assert await shares_used(redis, [SERVICE]) == {SERVICE: 0.0}
    assert await looked(seen_by(redis)) == []
    await mine.tell([Quota(199, 200, ends)])
    assert list(mine.known) == [], "an answer of before says nothing of now"
    later = ends + timedelta(minutes=15)
    await mine.tell([Quota(7, 200, later)])
    assert list(mine.known) == [Quota(7, 200, later, 1)]


async def test_a_day_outlives_its_quarters(
    redis: Redis, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarter, day = moment + timedelta(minutes=9), moment + timedelta(hours=9)
    mine = seen_by(redis)
    await mine.tell([Quota(190, 200, quarter), Quota(1_700, 2_000, day)])
    at(monkeypatch, quarter)
    assert await looked(seen_by(redis, mine.organization_id)) == [Quota(1_700, 2_000, day, 1)]


async def test_nothing_stays_and_an_organizations_part_goes_with_it(redis: Redis) -> None:
    ends = now() + timedelta(minutes=9)
    mine = seen_by(redis)
    await mine.tell([Quota(1, 200, ends), Quota(1, 2_000, ends + timedelta(hours=1))])
    await mine.tell([Quota(2, 200, ends), Quota(2, 2_000, ends + timedelta(hours=1))])
    most = 69 * 60_000
    for key in (service_quota_key(SERVICE), service_calls_key(mine.organization_id, SERVICE)):
        assert 0 < await redis.pttl(key) <= most
    found = [key async for key in redis.scan_iter(organization_keys(mine.organization_id))]
    assert found == [service_calls_key(mine.organization_id, SERVICE).encode()]
    assert str(mine.organization_id) not in str(await redis.hgetall(service_quota_key(SERVICE)))


async def test_it_is_asked_once_a_second_and_nobody_waits_for_a_redis_that_is_away(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    script = service_quotas._script

    def counted(redis: Redis) -> object:
        nonlocal asked
        asked += 1
        return script(redis)

    monkeypatch.setattr(service_quotas, "_script", counted)
    monkeypatch.setattr(service_quotas, "LOOKED_AT_S", 3_600.0)
    mine = seen_by(redis)
    for _ in range(3):
        await mine.look()
    assert asked == 1

    away = seen_by(redis_client.connect("redis://127.0.0.1:1/0"))
    with pytest.raises(RedisConnectionError):
        await away.redis.ping()
    for _ in range(3):
        await away.look()
        await away.tell([Quota(1, 200, now() + timedelta(minutes=9))])
    assert (asked, list(away.known)) == (2, []), "once, then it is left alone"
    await away.redis.aclose()
