"""What one person reads and probes is counted without a call a request, and told once where it is unlike them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rowhouse.kernel.context import Identity, RequestInfo
from rowhouse.kernel.errors import Unavailable
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.redis import connect, unusual_key
from rowhouse.kernel.security import unusual
from rowhouse.kernel.security.unusual import tell_tallies
from rowhouse.kernel.watch import tallies
from rowhouse.kernel.watch.tallies import tally
from rowhouse.kit.ids import uuid7
from tests.kernel.identity.doubles import Caller, Mailbox, Person, signed_in
from tests.kernel.security.test_detection import kinds

HERE = RequestInfo("unusual", "192.0.2.77")


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """What other tests' requests have counted."""
    tallies.take()


def ask(identity: Identity, *, reads: int = 0, probes: int = 0) -> None:
    for _ in range(reads):
        tally(identity, HERE, read=True, probe=False)
    for _ in range(probes):
        tally(identity, HERE, read=False, probe=True)


async def test_requests_are_counted_by_what_they_are(
    platform: Platform, caller: Caller, person: Person
) -> None:
    await signed_in(caller, person)
    tallies.take()
    for path in ("/sessions", "/me", "/sessions"):
        assert (await caller.get(path)).status_code == 200
    assert (await caller.delete(f"/sessions/{uuid7()}")).status_code == 404
    assert (await caller.get("/nowhere-at-all")).status_code == 404
    [counted] = [one for who, one in tallies.take().items() if who == person.identity.user_id]
    assert (counted.reads, counted.probes) == (3, 1)
    assert tallies.take() == {}


async def test_many_ids_are_told_once_whichever_process_is_asked(
    platform: Platform, caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    await signed_in(caller, person)
    most = platform.settings.unusual_ids
    ask(person.identity, probes=most)
    await tell_tallies(platform)
    assert await kinds(caller) == []
    other = replace(platform, redis=connect(platform.settings.redis_url.get_secret_value()))
    for where in (other, platform, other):
        ask(person.identity, probes=1)
        await tell_tallies(where)
    await other.redis.aclose()
    assert await kinds(caller) == ["ids_probed"]
    assert len(mailbox.letters) == 1


@pytest.mark.parametrize(
    ("usual", "reads", "told"),
    [(0, 60, []), (0, 61, ["reads_unusual"]), (40, 160, []), (40, 161, ["reads_unusual"])],
)
async def test_reads_are_held_against_the_persons_usual(
    platform: Platform, caller: Caller, person: Person, usual: int, reads: int, told: Sequence[str]
) -> None:
    await signed_in(caller, person)
    assert person.identity.user_id is not None
    await platform.redis.hset(unusual_key(person.identity.user_id), "usual", str(usual))
    tallies.take()
    ask(person.identity, reads=reads)
    await tell_tallies(platform)
    assert await kinds(caller) == told


async def test_an_unusual_minute_raises_the_usual_no_further_than_one_that_passes(
    platform: Platform, person: Person
) -> None:
    assert person.identity.user_id is not None
    key = unusual_key(person.identity.user_id)
    for last_minute, usual in ((30, 3.0), (1_000_000, 8.7)):
        await platform.redis.hset(key, mapping={"minute": 1, "reads": last_minute, "told_reads": 2**40})
        ask(person.identity, reads=1)
        await tell_tallies(platform)
        assert float(await platform.redis.hget(key, "usual") or 0) == pytest.approx(usual)
    assert 0 < await platform.redis.ttl(key) <= 30 * 86_400


async def test_what_an_operator_reads_is_not_the_persons(platform: Platform, person: Person) -> None:
    ask(replace(person.identity, operator_id=uuid7()), reads=100, probes=100)
    ask(Identity(), reads=100)
    assert tallies.take() == {}


async def test_one_that_can_not_be_told_leaves_the_others_alone(
    platform: Platform, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    async def raising(ctx: object, kind: str, **_: object) -> None:
        told.append(kind)
        raise Unavailable

    monkeypatch.setattr(unusual, "security_event", raising)
    for _ in range(2):
        ask(replace(person.identity, user_id=uuid7()), reads=100, probes=100)
    await tell_tallies(platform)
    assert told == ["reads_unusual", "ids_probed"] * 2
