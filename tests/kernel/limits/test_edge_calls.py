"""Many edges share one call to Redis, and each gets its own answer."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.limits.edge_calls import LARGEST_BATCH, EdgeCalls
from rowhouse.kernel.limits.limits import Policy, count
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import connect, session_key
from rowhouse.kit.ids import uuid7

POLICY = Policy("test", 1000)


async def _with_state(redis: Redis) -> UUID:
    session_id = uuid7()
    await redis.set(session_key(session_id), session_id.bytes, ex=60)
    return session_id


async def test_each_gets_its_own_answer(platform: Platform) -> None:
    redis, subject = platform.redis, secrets.token_hex(8)
    sessions = [await _with_state(redis) if n % 2 else None for n in range(2 * LARGEST_BATCH + 3)]
    counted = await asyncio.gather(*(count(redis, one, [(POLICY, subject)]) for one in sessions))
    assert [c.session_state for c in counted] == [one.bytes if one else None for one in sessions]
    assert sorted(c.usages[0].count for c in counted) == list(range(1, len(sessions) + 1))


async def test_a_session_without_state_has_none(platform: Platform) -> None:
    counted = await count(platform.redis, uuid7(), [(POLICY, secrets.token_hex(8))])
    assert counted.session_state is None
    assert counted.usages[0].count == 1


async def test_a_request_given_up_leaves_the_others_theirs(platform: Platform) -> None:
    session_id = await _with_state(platform.redis)
    asking = [asyncio.create_task(count(platform.redis, session_id, [])) for _ in range(10)]
    await asyncio.sleep(0)
    asking[3].cancel()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(answers.pop(3), asyncio.CancelledError)
    assert all(not isinstance(a, BaseException) and a.session_state == session_id.bytes for a in answers)


async def test_nobody_is_let_through_when_redis_is_away() -> None:
    redis = connect("redis://127.0.0.1:1/0")
    asked = await asyncio.gather(
        *(count(redis, uuid7(), [(POLICY, str(n))]) for n in range(5)), return_exceptions=True
    )
    assert [type(answer) for answer in asked] == [Unavailable] * 5


async def test_a_call_that_breaks_off_is_refused_and_the_next_one_goes(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = EdgeCalls(platform.redis)
    through = calls._script

    async def break_off(_keys: Sequence[str], _windows: Sequence[int]) -> Any:
        raise RedisConnectionError

    monkeypatch.setattr(calls, "_script", break_off)
    with pytest.raises(RedisConnectionError):
        await calls.ask([("rate:test", 1000, 1)])
    monkeypatch.setattr(calls, "_script", through)
    [(used, left_ms, _)] = await calls.ask([(f"rate:{secrets.token_hex(8)}", 1000, 1)])
    assert used == 1
    assert 0 < left_ms <= 1000
