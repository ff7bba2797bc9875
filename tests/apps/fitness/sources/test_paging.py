"""Where a list ends: where its provider says so, and not at the first page that is shorter than was asked for; what is
asked where two windows meet, and where something is deleted between two pages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest

from rowhouse.apps.fitness.sources.calls import Calls
from rowhouse.apps.fitness.sources.garmin_personal import adapter as garmin
from rowhouse.apps.fitness.sources.oura import adapter as oura
from rowhouse.apps.fitness.sources.provider import Adapter, Cursor
from rowhouse.apps.fitness.sources.strava.adapter import StravaAdapter
from rowhouse.apps.fitness.sources.whoop import adapter as whoop
from rowhouse.kit.time import now

LATEST = datetime(2026, 5, 1, 7, tzinfo=UTC)


class Shelf:
    """Starts of activities, a day apart and the newest first, behind lists whose pages are never full."""

    def __init__(self, count: int) -> None:
        self.starts = [LATEST - timedelta(days=one) for one in range(count)]

    async def get(self, url: str, params: Mapping[str, str] | None = None) -> Any:
        if "limit" not in (asked := params or {}):
            return self._strava(asked) if "strava" in url else {}
        return self._whoop(url, asked)

    def _strava(self, asked: Mapping[str, str]) -> Any:
        before, after = int(asked.get("before", 2**40)), int(asked.get("after", 0))
        found = [one for one in self.starts if after < one.timestamp() < before]
        if "after" in asked:
            found.reverse()
        size, page = int(asked["per_page"]) - 1, int(asked.get("page", 1))
        return [_activity(one) for one in found[(page - 1) * size : page * size]]

    def _whoop(self, url: str, asked: Mapping[str, str]) -> Any:
        end = datetime.fromisoformat(asked["end"]) if "end" in asked else now()
        found = [one for one in self.starts if one < end]
        # Recoveries come in yet shorter pages than their sleeps.
        size, skipped = int(asked["limit"]) - (3 if "recovery" in url else 1), int(asked.get("nextToken", 0))
        shape = next(made for name, made in WHOOP.items() if name in url)
        page = {"records": [shape(one) for one in found[skipped : skipped + size]]}
        return page | ({"next_token": f"{skipped + size}"} if skipped + size < len(found) else {})


class Losing(Shelf):
    """After each page something of it is deleted."""

    async def get(self, url: str, params: Mapping[str, str] | None = None) -> Any:
        said = await super().get(url, params)
        if said:
            self.starts.remove(datetime.fromtimestamp(said[0]["id"], UTC))
        return said


class Drawer:
    """Starts of activities as Garmin's personal API lists them; after each page something of it is deleted, if that is
    wanted."""

    def __init__(self, starts: Sequence[datetime], *, loses: bool) -> None:
        self.starts = sorted(starts, reverse=True)
        self.loses = loses

    async def get(self, _url: str, asked: Mapping[str, str]) -> Any:
        first, last = (date.fromisoformat(asked[name]) for name in ("startDate", "endDate"))
        found = [one for one in self.starts if first <= one.date() <= last]
        shown = found[int(asked["start"]) :][: int(asked["limit"])]
        if shown and self.loses:
            self.starts.remove(shown[0])
        return [
            {
                "activityId": int(one.timestamp()), "startTimeGMT": f"{one:%F %T}", "startTimeLocal": f"{one:%F %T}",
                "activityType": {"typeKey": "running"}, "duration": 60.0,
            }
            for one in shown
        ]  # fmt: skip


def _activity(start: datetime) -> Any:
    return {
        "id": int(start.timestamp()), "name": "Run", "type": "Run", "sport_type": "Run", "manual": False,
        "start_date": start.isoformat(), "timezone": "(GMT+00:00) UTC", "elapsed_time": 60, "moving_time": 60,
        "distance": 100.0, "total_elevation_gain": 0.0,
    }  # fmt: skip


def _scored(start: datetime) -> dict[str, Any]:
    return {
        "id": f"{start:%F}", "updated_at": f"{start}", "start": f"{start}", "end": f"{start}", "cycle_id": 1,
        "timezone_offset": "+00:00", "score_state": "SCORED", "nap": False, "sport_name": "running",
    }  # fmt: skip


WHOOP = {
    "recovery": lambda start: _scored(start) | {"sleep_id": f"{start:%F}"},
    "sleep": _scored,
    "cycle": lambda start: _scored(start) | {"id": start.toordinal()},
    "workout": _scored,
}


async def _walk(adapter: Adapter, shelf: object, cursor: Cursor | None = None) -> tuple[list[Any], Cursor]:
    found: list[Any] = []
    for _ in range(200):
        page = await adapter.page(cast(Calls, shelf), cursor)
        found += page.items
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError("a list without end")


def _days(ids: Sequence[str]) -> set[str]:
    return {f"{datetime.fromtimestamp(int(one), UTC):%F}" for one in ids}


async def test_strava_ends_with_an_empty_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rowhouse.apps.fitness.sources.strava.adapter.PER_PAGE", 4)
    shelf = Shelf(20)
    wanted = {f"{one:%F}" for one in shelf.starts}
    found, cursor = await _walk(StravaAdapter(), shelf)
    assert _days([one.external_id for one in found]) == wanted
    shelf.starts[:0] = [LATEST + timedelta(hours=one) for one in range(9, 0, -1)]
    found, _ = await _walk(StravaAdapter(), shelf, cursor)
    assert len({one.external_id for one in found}) == 9 + 7, "all that is new, and a week besides"


async def test_what_strava_loses_between_pages_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rowhouse.apps.fitness.sources.strava.adapter.PER_PAGE", 4)
    shelf = Losing(20)
    found, cursor = await _walk(StravaAdapter(), shelf)
    assert {int(one.external_id) for one in found} >= {int(one.timestamp()) for one in shelf.starts}
    shelf.starts[:0] = new = [LATEST + timedelta(hours=one) for one in range(20, 0, -1)]
    found, _ = await _walk(StravaAdapter(), shelf, cursor)
    assert {int(one.external_id) for one in found} >= {int(one.timestamp()) for one in new}


@pytest.mark.parametrize(("hours", "loses"), [(8, True), (8, False), (1, False)])
async def test_what_garmin_loses_between_pages_hides_nothing(
    hours: int, loses: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where days fill more than a page."""
    monkeypatch.setattr(garmin, "PER_PAGE", 10)
    monkeypatch.setattr(garmin, "EMPTY_WINDOWS", 2)
    monkeypatch.setattr(garmin, "now", lambda: LATEST)
    drawer = Drawer([LATEST - timedelta(hours=hours * one) for one in range(200)], loses=loses)
    found, cursor = await _walk(garmin.GarminPersonalAdapter(), drawer)
    assert {int(one.external_id) for one in found} >= {int(one.timestamp()) for one in drawer.starts}
    assert cursor == {"newest": f"{LATEST:%F}", "all_on": f"{LATEST:%F}"}


async def test_strava_has_nothing_of_somebody_new() -> None:
    found, cursor = await _walk(StravaAdapter(), Shelf(0))
    assert (found, cursor) == ([], {"complete": True, "newest": 0})


async def test_whoop_ends_where_no_token_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whoop, "PER_PAGE", 6)
    shelf = Shelf(20)
    wanted = {f"{one:%F}" for one in shelf.starts}
    found, _ = await _walk(whoop.WhoopAdapter(), shelf)
    nights = {one.external_id: one for one in found if one.external_id.startswith("sleep/")}
    assert {f"sleep/{day}" for day in wanted} == set(nights)
    assert wanted <= {one.external_id for one in found}, "the workouts"
    assert all(one.raw["recovery"] for one in nights.values()), "each night with what was made of it"


@pytest.mark.parametrize(
    "left_out", [(0, 0), (1, 0), (0, 1), (1, 1)], ids=["neither", "first", "last", "both"]
)
async def test_oura_is_asked_for_every_day(
    left_out: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever ends of a window it leaves out; up to the day that it is east of Greenwich."""
    monkeypatch.setattr(oura, "WINDOW", timedelta(days=5))
    newest = now().date() + timedelta(days=1)
    days = [newest - timedelta(days=one) for one in range(30)]

    class Ring:
        async def get(self, _url: str, asked: Mapping[str, str]) -> Any:
            first, last = (date.fromisoformat(asked[f"{end}_date"]) for end in ("start", "end"))
            first, last = first + timedelta(days=left_out[0]), last - timedelta(days=left_out[1])
            return {"data": [{"id": f"{one}"} for one in days if first <= one <= last], "next_token": None}

    found, cursor = await _walk(oura.OuraAdapter(), Ring())
    wanted = {f"{name}/{one}" for name in oura.COLLECTIONS for one in days}
    assert {one.external_id for one in found} == wanted
    found, _ = await _walk(oura.OuraAdapter(), Ring(), cursor)
    assert wanted >= {one.external_id for one in found} >= {f"workout/{one}" for one in days[:29]}
