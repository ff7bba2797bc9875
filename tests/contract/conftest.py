"""The run that the tests of the contract ask over HTTP, and people who use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.asking import Someone, registered
from tests.generators.activities import START, activity
from tests.generators.fit import fit_file, pool_swim
from tests.generators.xml import gpx_file, tcx_file
from tests.live import LiveRun, live_run

__all__ = ["live_run"]

ONE_DAY = timedelta(days=1)


@pytest.fixture
def someone(live_run: LiveRun) -> Iterator[Someone]:
    """A person with nothing yet."""
    person = registered(live_run)
    yield person
    person.http.close()


@dataclass(frozen=True, slots=True)
class Athlete:
    """Somebody with a small history, which tests only read; `results` is what the upload came to, by name."""

    person: Someone
    files: dict[str, bytes]
    results: dict[str, dict[str, Any]]

    def workout_of(self, name: str) -> str:
        return str(self.results[name]["workout_ids"][0])


@pytest.fixture(scope="session")
def athlete(live_run: LiveRun) -> Iterator[Athlete]:
    person = registered(live_run)
    files = history()
    results = person.upload(*files.items())
    assert [one["name"] for one in results] == list(files)
    yield Athlete(person, files, {one["name"]: one for one in results})
    person.http.close()


def history() -> dict[str, bytes]:
    """Rides, runs, a swim, a triathlon in one file, two devices on one ride, a copy, and one that is none."""
    ride = activity(900, seed=31)
    triathlon = [
        activity(300, start=START + 5 * ONE_DAY, sport="cycling", sub_sport="road", seed=41),
        activity(240, start=START + 5 * ONE_DAY + timedelta(seconds=320), sport="running", sub_sport="generic", seed=42),
    ]  # fmt: skip
    return {
        "ride.fit": fit_file(ride),
        "ride-again.tcx": tcx_file(activity(900, seed=31, power=False, product=3122, serial=8)).encode(),
        "ride-copy.fit": fit_file(ride),
        "run.gpx": gpx_file(
            activity(700, start=START + ONE_DAY, sport="running", seed=32, power=False), kind="running"
        ).encode(),
        "swim.fit": pool_swim(START + 2 * ONE_DAY),
        "multisport.fit": fit_file(*triathlon),
        "letter.pdf": b"%PDF-1.7 Dear all",
    } | {
        f"short-{day}.fit": fit_file(activity(120 + day, start=START + (8 + day) * ONE_DAY, seed=50 + day))
        for day in range(6)
    }
