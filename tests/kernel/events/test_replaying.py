"""Replays: a handler does its work again for what an operator names, in order, once, whatever is killed in between."""

import asyncio
import random
from dataclasses import replace as changed
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from rowhouse.kernel.context import Identity
from rowhouse.kernel.events import replaying
from rowhouse.kernel.events.errors import NoSuchReplay, NothingSubscribes
from rowhouse.kernel.events.events import emit
from rowhouse.kernel.events.replaying import Wanted, begin_replay, count_events, replay
from rowhouse.kit.ids import uuid7
from tests.kernel.jobs.picks import drain
from tests.kernel.jobs.staging import Shop, make_account
from tests.kernel.jobs.workshop import ThingChanged

pytestmark = pytest.mark.usefixtures("broker")

REASON = "the index was rebuilt"


def everything(**more: object) -> Wanted:
    moment = datetime.now(UTC)
    found = Wanted(ThingChanged.type, moment - timedelta(days=1), moment + timedelta(days=1))
    return changed(found, **more)  # type: ignore[arg-type]  # fields by name


async def emit_all(shop: Shop, who: Identity, *events: ThingChanged) -> None:
    for event in events:
        async with shop.context(who) as ctx:
            await emit(ctx, event)


async def test_a_replay_repeats_each_effect_once_in_order(shop: Shop, someone: Identity) -> None:
    thing, colleague = uuid7(), make_account(shop, someone.organization_id)
    for number in range(5):
        await emit_all(shop, colleague if number % 2 else someone, ThingChanged(thing, number))
    await drain(shop)
    wanted = everything(organization_id=someone.organization_id)
    assert await count_events(shop.admin, wanted) == 5
    made = await begin_replay(shop.platform, shop.admin, wanted, REASON)
    for _ in range(3):  # asked again and again, as after a crash
        done = await replay(shop.platform, shop.admin, made)
    assert (done.events, done.deliveries) == (5, 5)
    await drain(shop)
    assert shop.steps(thing) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    again = await begin_replay(shop.platform, shop.admin, wanted, REASON)
    await replay(shop.platform, shop.admin, again)
    await drain(shop)
    assert len(shop.steps(thing)) == 15, "another replay is another one"


async def test_what_it_names_and_nothing_else(shop: Shop, someone: Identity) -> None:
    thing, stranger = uuid7(), make_account(shop)
    await emit_all(shop, someone, ThingChanged(thing, 1), ThingChanged(thing, 2))
    await emit_all(shop, stranger, ThingChanged(uuid7(), 1))
    moment = shop.owner.execute(
        "SELECT created_at AS at FROM kernel.outbox WHERE aggregate_id = %s ORDER BY position DESC", (thing,)
    ).fetchone()
    assert moment is not None
    only = everything(organization_id=someone.organization_id)
    assert await count_events(shop.admin, changed(only, to_at=moment.at)) == 1
    assert await count_events(shop.admin, changed(only, from_at=moment.at)) == 1
    assert await count_events(shop.admin, changed(only, type="workshop.other")) == 0
    with pytest.raises(NothingSubscribes):
        replaying.subscriptions_for(shop.platform, changed(only, subscription="workshop.nobody"))
    with pytest.raises(NoSuchReplay):
        await replay(shop.platform, shop.admin, uuid7())


async def test_an_interrupted_replay_goes_on_where_it_was(
    shop: Shop, someone: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three organizations, batches of two; it dies before and after every batch's commit in turn."""
    monkeypatch.setattr(replaying, "BATCH", 2)
    people = [someone, make_account(shop), make_account(shop)]
    things = [uuid7() for _ in people]
    for who, thing in zip(people, things, strict=True):
        await emit_all(shop, who, *(ThingChanged(thing, n) for n in range(5)))
    await drain(shop)
    made = await begin_replay(shop.platform, shop.admin, everything(), REASON)
    advance, deaths = replaying._advance, 0

    async def die_first(*args: object, **values: object) -> None:
        nonlocal deaths
        deaths += 1
        if deaths % 2:
            raise OperationalError("killed", {}, RuntimeError())
        await advance(*args, **values)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(replaying, "_advance", die_first)
    while True:
        try:
            await replay(shop.platform, shop.admin, made)
            break
        except OperationalError:
            continue
    assert deaths > 6
    await drain(shop)
    for thing in things:
        assert shop.steps(thing) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]


async def test_a_later_event_waits_for_the_replay_of_earlier_ones(shop: Shop, someone: Identity) -> None:
    thing = uuid7()
    await emit_all(shop, someone, ThingChanged(thing, 0), ThingChanged(thing, 1))
    await drain(shop)
    made = await begin_replay(
        shop.platform, shop.admin, everything(organization_id=someone.organization_id), REASON
    )
    await replay(shop.platform, shop.admin, made)
    await emit_all(shop, someone, ThingChanged(thing, 2))
    await drain(shop, newest_first=True)
    assert shop.steps(thing) == [0, 1, 0, 1, 2]


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_the_schedule_order_and_effects_hold(shop: Shop, someone: Identity, seed: int) -> None:
    """Random lives of two things: events of two accounts, jobs run in any order and at once, workers that die after
    the handler's commit, claims that run out, replays in between."""
    chance = random.Random(seed)
    who = [someone, make_account(shop, someone.organization_id)]
    things, emitted, replays = [uuid7(), uuid7()], {0: 0, 1: 0}, 0
    covered: dict[int, list[int]] = {0: [], 1: []}
    for _ in range(25):
        match chance.choice(["emit", "emit", "run", "run", "crash", "replay"]):
            case "emit":
                which = chance.randrange(2)
                await emit_all(shop, chance.choice(who), ThingChanged(things[which], emitted[which]))
                emitted[which] += 1
            case "run":
                await asyncio.gather(*(shop.run(job_id) for job_id in _some(shop, chance, "queued")))
            case "crash":
                for job_id in _some(shop, chance, "succeeded"):
                    shop.set(
                        job_id,
                        "state = 'running', finished_at = NULL, claimed_until = now() - interval '1 s'",
                    )
            case "replay" if replays < 2:
                replays += 1
                wanted = everything(organization_id=someone.organization_id)
                made = await begin_replay(shop.platform, shop.admin, wanted, REASON)
                await replay(shop.platform, shop.admin, made)
                for which, upto in covered.items():
                    upto.append(emitted[which])
    await drain(shop)
    for which, thing in enumerate(things):
        steps = shop.steps(thing)
        expected = {n: 1 + sum(n < upto for upto in covered[which]) for n in range(emitted[which])}
        assert {n: steps.count(n) for n in set(steps)} == expected
        descents = sum(later < earlier for earlier, later in pairwise(steps))
        assert descents <= replays, steps
        assert not steps or steps[-1] == emitted[which] - 1, "the newest is handled last"


def _some(shop: Shop, chance: random.Random, state: str) -> list[UUID]:
    shop.owner.execute("UPDATE kernel.jobs SET run_at = now() WHERE state = 'queued'")
    rows = shop.owner.execute("SELECT id FROM kernel.jobs WHERE state = %s ORDER BY id", (state,)).fetchall()
    return [row.id for row in chance.sample(rows, min(len(rows), 3))]
