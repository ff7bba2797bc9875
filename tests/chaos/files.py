"""Two hundred small files: good ones in three formats, copies, second recordings of the same event, and bad ones."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.generators.activities import Activity, activity
from tests.generators.fit import fit_file, other_file
from tests.generators.xml import gpx_file, tcx_file

FIRST = datetime(2024, 1, 3, 6, 40, tzinfo=UTC)
APART = timedelta(hours=7, minutes=13)
TWINS = COPIES = 10
BAD = 5


@dataclass(frozen=True, slots=True)
class Upload:
    """A file with the state that its import comes to."""

    name: str
    data: bytes
    state: str


def uploads(count: int) -> list[Upload]:
    """Always the same, in an order that mixes the kinds: events, ten of them recorded twice, ten exact copies under
    other names, five files that hold no activity."""
    events = [_event(number) for number in range(count - TWINS - COPIES - BAD)]
    apart = len(events) // TWINS
    good = [
        Upload(f"{number:03}.{_suffix(number)}", _written(one, number), "imported")
        for number, one in enumerate(events)
    ]
    twins = [
        Upload(f"twin-{number:03}.tcx", _other_device(events[number * (apart // 2) + 3]), "imported")
        for number in range(TWINS)
    ]
    copies = [
        Upload(
            f"copy-{number:03}.{_suffix(number * (apart * 3 // 4))}",
            good[number * (apart * 3 // 4)].data,
            "duplicate",
        )
        for number in range(COPIES)
    ]
    return _mixed(good, [*twins, *copies, *_bad(events[0])])


def _event(number: int) -> Activity:
    return activity(60 + number % 40, start=FIRST + number * APART, seed=1000 + number, power=number % 2 == 0)


def _suffix(number: int) -> str:
    return ("fit", "gpx", "tcx")[number % 3]


def _written(one: Activity, number: int) -> bytes:
    match _suffix(number):
        case "fit":
            return fit_file(one)
        case "gpx":
            return gpx_file(one).encode()
        case _:
            return tcx_file(one).encode()


def _other_device(one: Activity) -> bytes:
    """The same event on a second device, which was started two seconds later and measures no power."""
    kept = {name: values[2:] for name, values in one.channels.items() if name != "power_w"}
    later = Activity(
        one.start + timedelta(seconds=2),
        one.sport,
        one.sub_sport,
        one.time_s[:-2],
        kept,
        serial=77,
        product=3122,
    )
    return tcx_file(later).encode()


def _bad(one: Activity) -> list[Upload]:
    contents = {
        "empty.fit": b"",
        "letter.pdf": b"%PDF-1.7 Dear all",
        "cut.fit": fit_file(one)[:20],
        "settings.fit": other_file("settings", one),
        "entities.gpx": b'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "a">]><gpx>&a;</gpx>',
    }
    return [Upload(name, data, "refused") for name, data in contents.items()]


def _mixed(many: list[Upload], few: list[Upload]) -> list[Upload]:
    """The few spread evenly behind the first of the many; each copy comes after its original."""
    every = len(many) // len(few)
    mixed: list[Upload] = []
    for place, one in enumerate(many):
        mixed.append(one)
        if place % every == every - 1 and place // every < len(few):
            mixed.append(few[place // every])
    return mixed
