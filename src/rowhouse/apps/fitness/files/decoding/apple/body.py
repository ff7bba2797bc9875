"""What an export tells of the body, put on disk as it comes and read back in the order of days.

A phone writes millions of steps and kilocalories in no order that one could rely on. SQLite sorts them in a file, with the
memory that it is given; nobody but this import ever sees that file.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import groupby, islice
from operator import itemgetter
from types import TracebackType
from typing import NamedTuple, Self

from rowhouse.apps.fitness.biometrics.measurement import offset_of, zone_of
from rowhouse.apps.fitness.files.decoding import limits
from rowhouse.apps.fitness.files.decoding.apple import units
from rowhouse.apps.fitness.files.decoding.apple.origins import origin_of
from rowhouse.apps.fitness.files.decoding.values import Instant, instant, number

_QUANTITY, _SLEEP = "HKQuantityTypeIdentifier", "HKCategoryTypeIdentifierSleepAnalysis"
TYPES: Mapping[str, tuple[str, str]] = {
    f"{_QUANTITY}HeartRateVariabilitySDNN": ("hrv_sdnn", "ms"),
    f"{_QUANTITY}RestingHeartRate": ("resting_hr", "/min"),
    f"{_QUANTITY}BodyMass": ("weight", "kg"),
    f"{_QUANTITY}BodyFatPercentage": ("body_fat", "%"),
    f"{_QUANTITY}OxygenSaturation": ("spo2", "%"),
    f"{_QUANTITY}BodyTemperature": ("body_temperature", "°C"),
    f"{_QUANTITY}AppleSleepingWristTemperature": ("skin_temperature", "°C"),
    f"{_QUANTITY}RespiratoryRate": ("respiration", "/min"),
    f"{_QUANTITY}VO2Max": ("vo2max", "ml/kg/min"),
    f"{_QUANTITY}StepCount": ("steps", "count"),
    f"{_QUANTITY}ActiveEnergyBurned": ("active_energy", "kcal"),
    f"{_QUANTITY}BasalEnergyBurned": ("basal_energy", "kcal"),
    _SLEEP: ("sleep", ""),
}
"""HealthKit's type → our kind (or what one is made of) and the unit it is to be in."""
SUMMED = ("steps", "active_energy", "basal_energy")
STAGES: Mapping[str, str] = {
    "InBed": "in_bed",
    "Asleep": "asleep",
    "AsleepUnspecified": "asleep",
    "AsleepCore": "light",
    "AsleepDeep": "deep",
    "AsleepREM": "rem",
    "Awake": "awake",
}
_STAGE = "HKCategoryValueSleepAnalysis"
MANUAL, WATCH, APPLE, OTHER = range(4)
"""Who tells, the first first: what a person typed in, what is worn, another of Apple's devices, all others."""
_ROWS_AT_ONCE = 5_000
_CACHE_KIB = 16 * 1024
_SOURCES = 1_000

_MAKE = """
    CREATE TABLE told (day TEXT, kind TEXT, rank INT, source INT, start REAL, end REAL, value REAL, original REAL,
                       unit TEXT, zone TEXT);
    CREATE TABLE slept (rank INT, source INT, start REAL, end REAL, stage TEXT, zone TEXT);
"""


class Told(NamedTuple):
    """One record in our unit, its times in Unix seconds; `original` and `unit` as the file has them where that is another
    unit."""

    day: str
    kind: str
    rank: int
    source: int
    start: float
    end: float
    value: float
    original: float | None
    unit: str | None
    zone: str


class Slept(NamedTuple):
    rank: int
    source: int
    start: float
    end: float
    stage: str
    zone: str


@dataclass(slots=True)
class Record:
    """One `<Record>` with what stands in it."""

    attributes: dict[str, str]
    metadata: dict[str, str] = field(default_factory=dict)

    def note(self, key: str, value: str) -> None:
        if key in ("HKTimeZone", "HKWasUserEntered"):
            self.metadata[key] = value


class Body:
    """`told` is how many records there were, `unreadable` how many of each type could not be read."""

    def __init__(self) -> None:
        self.told = 0
        self.unreadable: Counter[str] = Counter()
        self.devices: list[str | None] = []
        self._numbers: dict[str, int] = {}
        self._ranks: list[int] = []
        self._rows: list[Told | Slept] = []
        # Without a name SQLite unlinks its file as soon as it is open: a process that is killed leaves nobody's health behind.
        self._base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}", "temp_store=1"):
            self._base.execute(f"PRAGMA {pragma}")
        self._base.executescript(_MAKE)
        self._base.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._base.close()

    def take(self, record: Record) -> None:
        """One record; what can't be read is counted."""
        said = record.attributes
        type_, start = said.get("type", ""), instant(said.get("startDate"))
        end = instant(said.get("endDate")) if "endDate" in said else start
        row = self._row(record, start, end) if start and end and end.unix_s >= start.unix_s else None
        if row is None:
            self.unreadable[type_.removeprefix(_QUANTITY).removeprefix("HKCategoryTypeIdentifier")] += 1
            return
        self.told += 1
        self.add(row)

    def add(self, row: Told | Slept) -> None:
        self._rows.append(row)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._flush()

    def days(self) -> Iterator[tuple[str, list[Told]]]:
        """All but sleep, the oldest day first; of each kind by rank, source and start."""
        self._flush()
        found = self._base.execute("SELECT * FROM told ORDER BY day, kind, rank, source, start, end, value")
        for day, rows in groupby(map(Told._make, found), key=itemgetter(0)):
            yield day, list(islice(rows, limits.BODY_SAMPLES_A_DAY))

    def slept(self) -> Iterator[Slept]:
        """By source and start."""
        self._flush()
        self._base.execute("CREATE INDEX slept_start ON slept (source, start)")
        return map(Slept._make, self._base.execute("SELECT * FROM slept ORDER BY source, start, end, stage"))

    def slept_between(self, source: int, start: float, end: float) -> list[Slept]:
        query = "SELECT * FROM slept WHERE source = ? AND start >= ? AND end <= ? ORDER BY start, end, stage"
        most = f"{query} LIMIT {limits.BODY_SAMPLES_A_DAY}"
        return [Slept._make(row) for row in self._base.execute(most, (source, start, end))]

    def left_out(self) -> str:
        """Which records could not be read."""
        return ", ".join(f"{name}: {count:,}" for name, count in self.unreadable.most_common(10))

    def _row(self, record: Record, start: Instant, end: Instant) -> Told | Slept | None:
        said, manual = record.attributes, record.metadata.get("HKWasUserEntered") == "1"
        kind, wanted = TYPES[said["type"]]
        zone = _zone(record.metadata.get("HKTimeZone"), end.offset_s)
        source = self._source(said)
        rank = MANUAL if manual else self._ranks[source]
        if kind == "sleep":
            stage = STAGES.get(said.get("value", "").removeprefix(_STAGE))
            return Slept(rank, source, start.unix_s, end.unix_s, stage, zone) if stage else None
        value, unit = number(said.get("value")), said.get("unit", "")
        if value is None or (ours := units.measured(value, unit, wanted)) is None:
            return None
        # What is summed is of the day on which it began: nobody walks for a minute from one day into the next.
        at = start if kind in SUMMED else end
        original, unit_said = (value, unit) if ours != value else (None, None)
        return Told(
            day_of(at.unix_s, zone),
            kind,
            rank,
            source,
            start.unix_s,
            end.unix_s,
            ours,
            original,
            unit_said,
            zone,
        )

    def _source(self, said: Mapping[str, str]) -> int:
        """A number for whoever measured, and what it is called."""
        # Before the comma stands where the device was in the memory of the phone: another word in each record.
        device = said.get("device", "").partition(",")[2]
        key = f"{said.get('sourceName', '')[:200]}|{device[:300]}"
        if key not in self._numbers:
            if len(self._numbers) >= _SOURCES:
                return _SOURCES - 1
            origin = origin_of(said)
            self._numbers[key] = len(self._numbers)
            # An app that writes what another device has measured is told apart from it by its own name.
            name = origin.device if origin.manufacturer == "Apple" else origin.software
            self.devices.append((name or origin.device or "")[:200] or None)
            self._ranks.append(_rank(origin.manufacturer, f"{origin.product or ''} {origin.software or ''}"))
        return self._numbers[key]

    def _flush(self) -> None:
        for name in ("told", "slept"):
            rows = [row for row in self._rows if isinstance(row, Told) == (name == "told")]
            if rows:
                marks = ",".join("?" * len(rows[0]))
                self._base.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        self._rows.clear()


def day_of(unix_s: float, zone: str) -> str:
    """The local day."""
    return datetime.fromtimestamp(unix_s, _clock(zone)).date().isoformat()


@lru_cache(maxsize=1_000)
def _clock(zone: str) -> tzinfo:
    return zone_of(zone) or UTC


def _rank(maker: str | None, names: str) -> int:
    words = names.lower()
    if maker not in (None, "Apple"):
        return OTHER
    if "watch" in words:
        return WATCH
    return APPLE if maker == "Apple" or "iphone" in words or "ipad" in words else OTHER


@lru_cache(maxsize=1_000)
def _zone(name: str | None, offset_s: float | None) -> str:
    """The zone that a record names, else the offset of its time."""
    if name and len(name) <= 64 and zone_of(name) is not None:
        return name
    return offset_of(datetime.fromtimestamp(0, timezone(timedelta(seconds=offset_s or 0.0))))
