"""What an athlete did: one session after the other, made from a seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sandbox.world.chance import draws

Sport = Literal["ride", "indoor_ride", "run", "trail_run", "swim", "walk", "strength"]
SPORTS: tuple[Sport, ...] = ("ride", "indoor_ride", "run", "trail_run", "swim", "walk", "strength")
WEIGHTS = (30, 8, 33, 5, 10, 6, 8)
OUTSIDE = {"ride", "run", "trail_run", "walk"}
EVERY_DAYS = 1.2
"""Between two sessions, but for every sixth, which is on the day of the next."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is usual in a sport: lowest and highest of a draw each."""

    minutes: tuple[int, int]
    speed_mps: tuple[float, float]
    heart_rate: tuple[int, int]
    ascent_m_per_km: tuple[float, float]
    cadence: tuple[int, int]
    titles: Sequence[str]


KINDS: Mapping[str, Kind] = {
    "ride": Kind(
        (45, 240), (6.5, 9.5), (122, 150), (4, 16), (78, 92), ("Morning Ride", "Lake loop", "Hills")
    ),
    "indoor_ride": Kind((30, 90), (8.0, 10.5), (125, 155), (0, 0), (82, 95), ("Trainer", "Sweet spot 3x12")),
    "run": Kind((25, 110), (2.6, 3.9), (132, 162), (2, 10), (164, 180), ("Morning Run", "Tempo", "Long run")),
    "trail_run": Kind((50, 150), (2.0, 2.9), (135, 158), (25, 55), (156, 170), ("Trail Run", "Forest")),
    "swim": Kind((25, 70), (0.7, 1.2), (115, 145), (0, 0), (26, 34), ("Lunch Swim", "Technique")),
    "walk": Kind((20, 90), (1.2, 1.6), (88, 108), (1, 8), (104, 118), ("Afternoon Walk", "With the dog")),
    "strength": Kind((30, 70), (0, 0), (98, 122), (0, 0), (0, 0), ("Strength", "Core")),
}


@dataclass(frozen=True, slots=True)
class Session:
    """What happened. Pauses are (seconds after the start, seconds): the watch's timer stood still meanwhile."""

    number: int
    sport: Sport
    title: str
    start: datetime
    elapsed_s: int
    distance_m: float
    ascent_m: float
    energy_kcal: int
    avg_hr_bpm: int
    max_hr_bpm: int
    avg_power_w: int | None
    avg_cadence_rpm: int
    device: str
    seen_by: frozenset[str]
    uploaded_at: datetime
    pauses: tuple[tuple[int, int], ...] = ()
    private: bool = False
    changed_at: datetime | None = None

    @property
    def timer_s(self) -> int:
        return self.elapsed_s - sum(length for _, length in self.pauses)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed_s)

    @property
    def outside(self) -> bool:
        """Whether there is a track."""
        return self.sport in OUTSIDE


def session(seed: int, number: int, day: datetime, *, evening: bool, sport: Sport | None = None) -> Session:
    """Session of that number, begun on that local day (its midnight, with zone)."""
    chance = draws(seed, "session", number)
    sport = sport or chance.choices(SPORTS, WEIGHTS)[0]
    kind = KINDS[sport]
    timer_s = chance.randint(kind.minutes[0] * 60, kind.minutes[1] * 60)
    pauses = _pauses(timer_s, chance.choice((0, 0, 1, 1, 2, 3)), seed, number)
    elapsed_s = timer_s + sum(length for _, length in pauses)
    begun = day + timedelta(hours=17 if evening else 6, seconds=chance.randint(0, 2 * 3600))
    speed = chance.uniform(*kind.speed_mps)
    distance_m = round(speed * timer_s, 2)
    avg_hr = chance.randint(*kind.heart_rate)
    power = round(60 + speed**2.2 * 1.15) if "ride" in sport else None
    start = begun.astimezone(UTC)
    device = _device(sport, chance.random())
    return Session(
        number=number,
        sport=sport,
        title=chance.choice(kind.titles),
        start=start,
        elapsed_s=elapsed_s,
        distance_m=distance_m,
        ascent_m=round(distance_m / 1000 * chance.uniform(*kind.ascent_m_per_km), 1),
        energy_kcal=round(timer_s / 60 * (avg_hr - 55) * 0.13),
        avg_hr_bpm=avg_hr,
        max_hr_bpm=avg_hr + chance.randint(12, 30),
        avg_power_w=power,
        avg_cadence_rpm=chance.randint(*kind.cadence) if kind.cadence[1] else 0,
        device=device,
        seen_by=_seen_by(sport, device, seed, number),
        uploaded_at=start + timedelta(seconds=elapsed_s + chance.randint(60, 900)),
        pauses=pauses,
        private=chance.random() < 0.03,
    )


def _pauses(timer_s: int, count: int, seed: int, number: int) -> tuple[tuple[int, int], ...]:
    chance = draws(seed, "pauses", number)
    lengths = [chance.choice((14, 38, 95, 240, 600)) for _ in range(count)]
    begins = sorted(chance.randint(300, timer_s - 300) for _ in range(count))
    found: list[tuple[int, int]] = []
    for begin, length in zip(begins, lengths, strict=True):
        found.append((begin + sum(before for _, before in found), length))
    return tuple(found)


def _device(sport: str, draw: float) -> str:
    if sport == "walk":
        return "phone"
    if "ride" in sport:
        return "edge"
    return "forerunner" if draw < 0.7 else "vantage"


def _seen_by(sport: str, device: str, seed: int, number: int) -> frozenset[str]:
    chance = draws(seed, "seen", number)
    origin = {"edge": "garmin", "forerunner": "garmin", "vantage": "polar", "phone": "strava"}[device]
    seen = {origin}
    likely = {
        "strava": 0.95,
        "whoop": 0.8,
        "oura": 0.5 if sport in {"run", "walk", "ride", "trail_run"} else 0.0,
        "withings": 0.6 if sport == "swim" else 0.15,
        "polar": 0.1 if "run" in sport else 0.0,
    }
    seen |= {provider for provider, share in likely.items() if chance.random() < share}
    return frozenset(seen)
