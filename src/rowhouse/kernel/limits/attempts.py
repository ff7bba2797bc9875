"""Tries that may fail, with a delay that grows: counted before they are made, so that many at once are many."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.redis import attempts_key


@dataclass(frozen=True, slots=True)
class Allowance:
    """`free` tries pass at once. The last of them and each further one make the next wait, at first `delay_s`, then
    twice as long each time, `longest_s` at most. After `forget_s` without a try all is forgotten."""

    name: str
    free: int
    delay_s: int
    longest_s: int
    forget_s: int


Subject = tuple[Allowance, str]


@dataclass(frozen=True, slots=True)
class Tried:
    """Whether to `wait_s` (then nothing was counted), else how many tries each subject has made."""

    wait_s: int
    tries: Sequence[int]


async def count_tries(redis: Redis, subjects: Sequence[Subject]) -> Tried:
    """Counts a try of every subject, unless one has to wait. Redis away raises `Unavailable`."""
    numbers = [n for a, _ in subjects for n in (a.free, a.delay_s, a.longest_s, a.forget_s)]
    try:
        wait_s, *tries = await _script(redis)(_keys(subjects), numbers)
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable("Attempts can't be counted just now; try again in a moment.") from error
    return Tried(int(wait_s), [int(n) for n in tries])


async def forget_tries(redis: Redis, subjects: Sequence[Subject]) -> None:
    """Begins anew for every subject, as after a try that succeeded."""
    try:
        await redis.delete(*_keys(subjects))
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable("Attempts can't be counted just now; try again in a moment.") from error


async def give_back(redis: Redis, subjects: Sequence[Subject]) -> None:
    """Takes back one try of every subject, which did not fail, and any wait that it brought about."""
    try:
        async with redis.pipeline(transaction=True) as pipeline:
            for key, (allowance, _) in zip(_keys(subjects), subjects, strict=True):
                pipeline.hincrby(key, "n", -1)
                pipeline.hset(key, "until", "0")
                pipeline.expire(key, allowance.forget_s)
            await pipeline.execute()
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable("Attempts can't be counted just now; try again in a moment.") from error


def _keys(subjects: Sequence[Subject]) -> list[str]:
    return [attempts_key(allowance.name, subject) for allowance, subject in subjects]


@cache
def _script(redis: Redis) -> AsyncScript:
    return redis.register_script(files(__package__).joinpath("attempts.lua").read_text(encoding="utf-8"))
