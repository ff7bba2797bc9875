"""What several services have of the same months: merged rightly (quality Q3), whoever is synced first and however the
pages come between each other."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.matching import Tally, matched
from bench.recordings_generator import Labelled
from rowhouse.apps.fitness.matching.signature import decode_signature
from rowhouse.apps.fitness.matching.trace import Trace, trace_of
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.apps.fitness.recordings.serialize import from_summary, to_summary
from rowhouse.apps.fitness.sources.provider import Item, SourceFile
from rowhouse.apps.fitness.sources.providers import PROVIDERS
from rowhouse.apps.fitness.sources.strava.adapter import STREAMS
from rowhouse.apps.fitness.workouts.records import prepare
from sandbox.providers.garmin_personal import shapes as garmin
from sandbox.providers.oura import shapes as oura
from sandbox.providers.strava import shapes as strava
from sandbox.providers.whoop import shapes as whoop
from sandbox.world.athletes import Athlete
from sandbox.world.copies import Copy, copies
from sandbox.world.fit import fit
from tests.apps.fitness.matching.shelf import Shelf

OUTINGS, DAYS = 30, 34
UNTIL = datetime(2026, 9, 30, tzinfo=UTC)


def on_strava(one: Copy) -> Item:
    said = {"activity": strava.detailed_activity(one), "streams": strava.stream_set(one, STREAMS.split(","))}
    return Item(str(one.number), "", _sent(said))


def at_garmin(one: Copy) -> Item:
    return Item(str(one.number), "", _sent(garmin.activity(one)), SourceFile("fit", fit(one)))


def by_whoop(one: Copy) -> Item:
    return Item(one.uuid, "", _sent(whoop.workout(one)))


def by_oura(one: Copy) -> Item:
    return Item(f"workout/{one.uuid}", "", _sent(oura.workout(one)))


SHOWN = {"strava": on_strava, "garmin-personal": at_garmin, "whoop": by_whoop, "oura": by_oura}


@cache
def synced() -> tuple[tuple[Labelled, ...], dict[UUID, Trace], dict[str, list[UUID]]]:
    """Recordings by the outing that they are of, as matching sees them once they are stored, and in the order of each
    service's list: the newest first."""
    who = Athlete("athlete-31", 31, "Ada", OUTINGS, DAYS, UNTIL)
    made: list[Labelled] = []
    traces: dict[UUID, Trace] = {}
    lists: dict[str, list[UUID]] = {}
    for name, shown in SHOWN.items():
        lists[name] = []
        for one in reversed(copies(who, name.partition("-")[0])):
            [recording] = PROVIDERS[name].adapter.recordings(shown(one), UNTIL)
            id_ = UUID(int=len(made) + 1)
            made.append(Labelled(id_, 0, f"{one.session.number}", name, recording))
            traces[id_] = _stored(recording, id_)
            lists[name].append(id_)
    return tuple(made), traces, lists


def test_merges_are_right_and_few_are_missed_or_asked() -> None:
    made, traces, _ = synced()
    tally = Tally()
    tally.add(made, matched(list(traces.values())))
    figures = tally.figures()
    assert figures["true_pairs"] > 60
    assert figures["precision"] >= 0.999
    assert figures["recall"] >= 0.98
    assert figures["asked_per_record"] <= 0.02


@given(st.data())
@settings(max_examples=6, deadline=None)
def test_the_order_of_arrival_does_not_matter(data: st.DataObject) -> None:
    """Pages of any size, of services in any order and in between each other; first, single things that webhooks named."""
    _, traces, lists = synced()
    hinted = data.draw(st.lists(st.sampled_from(sorted(traces)), max_size=8, unique=True), "hinted")
    pages = [[one] for one in hinted]
    for name, ids in lists.items():
        size = data.draw(st.integers(1, 30), f"a page of {name}")
        left = [one for one in ids if one not in hinted]
        pages += [left[n : n + size] for n in range(0, len(left), size)]
    shelf = Shelf()
    for number in data.draw(st.permutations(range(len(pages))), "order"):
        shelf.add([traces[one] for one in pages[number]])
    assert set(shelf.groups.values()) == {frozenset(c.ids) for c in matched(list(traces.values())).clusters}


def _sent(said: Any) -> Any:
    return orjson.loads(orjson.dumps(said, option=orjson.OPT_SERIALIZE_NUMPY))


def _stored(recording: Recording, id_: UUID) -> Trace:
    """After the way into the database and out of it."""
    kept = prepare(recording)
    signature = decode_signature(kept.signature) if kept.signature else None
    return replace(trace_of(from_summary(to_summary(recording)), id_), signature=signature)
