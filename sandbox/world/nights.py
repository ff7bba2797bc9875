"""How an athlete slept, and what else was measured on the day after: one for each local day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sandbox.world.athletes import Athlete
from sandbox.world.chance import draws

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Night:
    """`day` is the local day of waking up. Heart-rate variability is RMSSD."""

    number: int
    day: date
    bed_start: datetime
    latency_s: int
    awake_s: int
    light_s: int
    deep_s: int
    rem_s: int
    resting_hr_bpm: int
    avg_hr_bpm: int
    hrv_rmssd_ms: float
    respiration_bpm: float
    spo2_percent: float
    temperature_deviation_c: float
    readiness: int
    steps: int
    active_kcal: int
    resting_kcal: int
    weight_kg: float
    fat_percent: float
    vo2max: int

    @property
    def in_bed_s(self) -> int:
        return self.awake_s + self.asleep_s

    @property
    def asleep_s(self) -> int:
        return self.light_s + self.deep_s + self.rem_s

    @property
    def bed_end(self) -> datetime:
        return self.bed_start + timedelta(seconds=self.in_bed_s)


def nights(athlete: Athlete, provider: str) -> Sequence[Night]:
    """All of the athlete, oldest first, as that provider measured them."""
    key = f"nights of {provider}"
    if key not in athlete.derived:
        athlete.derived[key] = [night(athlete, n, provider) for n in range(athlete.days + athlete.more_days)]
    found: list[Night] = athlete.derived[key]
    return found


def night(athlete: Athlete, number: int, provider: str) -> Night:
    """The same each time it is asked. What really was differs by a little from what each device says."""
    truth, device = draws(athlete.seed, "night", number), draws(athlete.seed, "night", number, provider)
    first = athlete.local(athlete.until).date() - timedelta(days=athlete.days)
    day = first + timedelta(days=number)
    strained = truth.gauss(0, 1)
    in_bed_s = round((7.8 + truth.gauss(0, 0.7) - 0.2 * strained) * HOUR)
    in_bed_s = max(4 * HOUR, min(11 * HOUR, in_bed_s)) // MINUTE * MINUTE
    waking = datetime.combine(day, time(6, 40), tzinfo=athlete.zone).astimezone(UTC)
    end = waking + timedelta(minutes=round(truth.gauss(0, 25)) + device.randint(-3, 3))
    awake_s = round(in_bed_s * truth.uniform(0.04, 0.12)) // MINUTE * MINUTE
    asleep_s = in_bed_s - awake_s
    deep_s = round(asleep_s * truth.uniform(0.14, 0.24) * device.uniform(0.9, 1.1)) // MINUTE * MINUTE
    rem_s = round(asleep_s * truth.uniform(0.18, 0.27) * device.uniform(0.9, 1.1)) // MINUTE * MINUTE
    resting = 50 + athlete.seed % 7 + round(2.5 * strained)
    return Night(
        number=number,
        day=day,
        bed_start=end - timedelta(seconds=in_bed_s),
        latency_s=truth.randint(3, 25) * MINUTE,
        awake_s=awake_s,
        light_s=asleep_s - deep_s - rem_s,
        deep_s=deep_s,
        rem_s=rem_s,
        resting_hr_bpm=resting + device.randint(-1, 1),
        avg_hr_bpm=resting + truth.randint(3, 7),
        hrv_rmssd_ms=round(max(12.0, 62 - 8 * strained + truth.gauss(0, 6)) * device.uniform(0.93, 1.07), 1),
        respiration_bpm=round(14.2 + truth.gauss(0, 0.5) + device.uniform(-0.1, 0.1), 2),
        spo2_percent=round(min(99.5, 96.6 + truth.gauss(0, 0.7)), 1),
        temperature_deviation_c=round(truth.gauss(0, 0.25), 2),
        readiness=max(20, min(99, round(72 - 11 * strained + device.gauss(0, 4)))),
        steps=truth.randint(3_000, 16_000),
        active_kcal=truth.randint(250, 1_100),
        resting_kcal=round(athlete.weight_kg * 23),
        weight_kg=round(athlete.weight_kg + truth.gauss(0, 0.4), 2),
        fat_percent=round(18 + athlete.seed % 5 + truth.gauss(0, 0.3), 1),
        vo2max=48 + athlete.seed % 8 + number // 45 % 3,
    )
