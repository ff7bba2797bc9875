"""How a provider shows a session: its own recording, or a copy with the differences that real copies have."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.world import chance
from sandbox.world.athletes import Athlete
from sandbox.world.sessions import Session
from sandbox.world.streams import Values, cut, streams

ORIGIN = {"edge": "garmin", "forerunner": "garmin", "vantage": "polar", "phone": "strava"}
DEVICES = {
    "edge": "Garmin Edge 840",
    "forerunner": "Garmin Forerunner 965",
    "vantage": "Polar Vantage V3",
    "phone": "Strava iPhone App",
}


@dataclass(frozen=True, slots=True)
class Copy:
    """A session as one provider has it. `offset_s` is where it begins in the true one, negative for before."""

    athlete: Athlete
    provider: str
    session: Session
    offset_s: int
    elapsed_s: int
    moving_s: int
    distance_m: float
    avg_hr_bpm: int
    max_hr_bpm: int
    energy_kcal: int
    device: str

    @property
    def number(self) -> int:
        """By which the provider knows the activity."""
        return 10_000_000_000 + chance.number(self.athlete.id, self.provider, self.session.number, bits=33)

    @property
    def uuid(self) -> str:
        return chance.uuid(self.athlete.id, self.provider, self.session.number)

    @property
    def code(self) -> str:
        """The same where a provider shows no numbers."""
        return f"{self.number:X}"

    @property
    def start(self) -> datetime:
        return self.session.start + timedelta(seconds=self.offset_s)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed_s)

    @property
    def updated_at(self) -> datetime:
        """When the provider got it or its last change."""
        return self.session.changed_at or self.session.uploaded_at

    @property
    def local_start(self) -> datetime:
        return self.athlete.local(self.start)

    @property
    def utc_offset_s(self) -> int:
        offset = self.local_start.utcoffset()
        return int(offset.total_seconds()) if offset else 0

    @property
    def origin(self) -> str:
        """The provider whose device recorded it."""
        return ORIGIN[self.session.device]

    @property
    def streams(self) -> Mapping[str, Values]:
        """As `streams.streams`, of this copy's seconds only."""
        whole = streams(self.athlete.seed, self.session, self.athlete.home)
        return cut(whole, max(self.offset_s, 0), self.elapsed_s)


def copy(athlete: Athlete, session: Session, provider: str) -> Copy:
    """The same each time it is asked."""
    draw = chance.draws(athlete.seed, "copy", session.number, provider)
    shares = {
        "strava": _on_strava,
        "whoop": _by_a_strap,
        "oura": _by_the_minute,
        "withings": _by_the_minute,
        "polar": _by_a_second_watch,
        "garmin": _by_a_second_watch,
    }
    own = ORIGIN[session.device] == provider
    offset_s, elapsed_s, moving_s = (
        (0, session.elapsed_s, session.timer_s) if own else shares[provider](session, draw)
    )
    share = elapsed_s / session.elapsed_s if not own else 1.0
    accuracy = 1.0 if own or provider == "strava" else draw.uniform(0.985, 1.015)
    drift = 0 if own or provider == "strava" else draw.randint(-3, 2)
    return Copy(
        athlete,
        provider,
        session,
        offset_s,
        elapsed_s,
        moving_s,
        round(session.distance_m * min(share, 1.0) * accuracy, 1),
        session.avg_hr_bpm + drift,
        session.max_hr_bpm + drift,
        round(session.energy_kcal * min(share, 1.0) * (1 if own else draw.uniform(0.9, 1.15))),
        DEVICES[session.device] if own or provider == "strava" else _seen_with(provider),
    )


def copies(athlete: Athlete, provider: str) -> Sequence[Copy]:
    """All that the provider has, oldest first."""
    return list(_by_key(athlete, provider)["all"])


def find(athlete: Athlete, provider: str, key: str | int) -> Copy | None:
    """By the provider's number, UUID or code."""
    found: Copy | None = _by_key(athlete, provider)["keys"].get(key)
    return found


def _by_key(athlete: Athlete, provider: str) -> dict[str, Any]:
    if provider not in athlete.derived:
        found = [copy(athlete, session, provider) for session in athlete.sessions(provider)]
        keys = {key: one for one in found for key in (one.number, one.uuid, one.code)}
        athlete.derived[provider] = {"all": found, "keys": keys}
    kept: dict[str, Any] = athlete.derived[provider]
    return kept


def _on_strava(session: Session, draw: random.Random) -> tuple[int, int, int]:
    # Strava counts moving time itself, from the speed; and an athlete may crop a start near home.
    moving_s = round(session.timer_s * draw.uniform(0.975, 1.0))
    cropped_s = draw.randint(20, 224) if draw.random() < 0.06 else 0
    return cropped_s, session.elapsed_s - cropped_s, moving_s - cropped_s


def _by_a_strap(session: Session, draw: random.Random) -> tuple[int, int, int]:
    # Found in the pulse: begins and ends when that rises and falls, and knows no pauses.
    begin_s, end_s = draw.randint(-100, 180), session.elapsed_s + draw.randint(-150, 120)
    return begin_s, end_s - begin_s, end_s - begin_s


def _by_the_minute(session: Session, draw: random.Random) -> tuple[int, int, int]:
    second = session.start.astimezone(UTC).second
    begin_s = -second + 60 * draw.randint(0, 2)
    minutes = max(1, round((session.elapsed_s - begin_s) / 60) - draw.randint(0, 1))
    return begin_s, minutes * 60, minutes * 60


def _by_a_second_watch(session: Session, draw: random.Random) -> tuple[int, int, int]:
    begin_s = draw.randint(2, 25)
    elapsed_s = session.elapsed_s - begin_s - draw.randint(0, 15)
    return begin_s, elapsed_s, elapsed_s


def _seen_with(provider: str) -> str:
    return {
        "whoop": "WHOOP 5.0",
        "oura": "Oura Ring 4",
        "withings": "ScanWatch 2",
        "polar": "Polar Vantage V3",
        "garmin": "Garmin Forerunner 965",
    }[provider]
