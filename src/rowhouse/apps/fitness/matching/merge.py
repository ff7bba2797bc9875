"""One workout from the records of one event: field by field, each with its source, its rule and what lost to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from rowhouse.apps.fitness.matching.channels import TRACK, ChannelQuality, best_for
from rowhouse.apps.fitness.matching.conflicts import Conflict, FieldValue, conflict_of
from rowhouse.apps.fitness.matching.precedence import Overrides, rank
from rowhouse.apps.fitness.recordings.recording import CHANNELS, Recording

FIELDS = (
    "start_time",
    "timezone",
    "sport",
    "sub_sport",
    "title",
    "duration_s",
    "moving_time_s",
    "distance_m",
    "ascent_m",
    "energy_kcal",
    "avg_hr_bpm",
    "max_hr_bpm",
    "avg_power_w",
    "max_power_w",
    "avg_cadence_rpm",
    "avg_speed_mps",
)
_CHANNEL_OF = {
    "distance_m": "latitude_deg",
    "avg_speed_mps": "latitude_deg",
    "ascent_m": "altitude_m",
    "avg_hr_bpm": "heart_rate_bpm",
    "max_hr_bpm": "heart_rate_bpm",
    "avg_power_w": "power_w",
    "max_power_w": "power_w",
    "avg_cadence_rpm": "cadence_rpm",
}
"""Figures are taken from whoever gives the channel they come from, so figure and curve agree."""
_WITH_TRACK = ("distance_m", "speed_mps", "altitude_m")
CLOCK_TOLERANCE_S = 300.0
CLOCK_FLAGS = frozenset(("clock_unset", "clock_future"))


@dataclass(frozen=True, slots=True)
class Member:
    """One record of the cluster. Of `recording` only the summary, laps and lengths are read; what its streams hold
    is told by `channels` (`channel_quality`). `lag_s` is how far its clock is ahead of the cluster's first."""

    id: UUID
    recording: Recording
    channels: Mapping[str, ChannelQuality]
    lag_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Alternative:
    source_id: UUID
    value: FieldValue


@dataclass(frozen=True, slots=True)
class MergedField:
    """`rule` is `only`, `agreed`, `precedence`, `athlete` (an override), `channel` (whoever gives the channel it
    comes from), `specific` (a real sport before 'other') or `clocks` (most clocks agree)."""

    value: FieldValue
    source_id: UUID
    rule: str
    alternatives: tuple[Alternative, ...] = ()
    unit_original: str | None = None
    value_original: float | str | None = None


@dataclass(frozen=True, slots=True)
class ChannelSource:
    """Add `offset_s` to the source's `time_s` to get seconds since the merged start."""

    source_id: UUID
    offset_s: float
    unit: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The view of one event. `source_ids` are all members by precedence, the first is the primary: its clock is the
    view's, its laps and lengths are kept unless it has none."""

    source_ids: tuple[UUID, ...]
    fields: Mapping[str, MergedField]
    channels: Mapping[str, ChannelSource]
    laps_source_id: UUID | None
    lengths_source_id: UUID | None
    conflicts: tuple[Conflict, ...]
    flags: tuple[str, ...]
    notes: tuple[str, ...]
    quality_score: float
    lags_s: Mapping[UUID, float] = field(default_factory=dict)

    def value(self, name: str) -> FieldValue | None:
        found = self.fields.get(name)
        return None if found is None else found.value


def merge(members: Sequence[Member], overrides: Overrides | None = None) -> Merged:
    """The merged view of at least one member; the same for every order of them."""
    if not members:
        raise ValueError("nothing to merge")
    return _Merge(members, overrides or {}).result()


class _Merge:
    def __init__(self, members: Sequence[Member], overrides: Overrides) -> None:
        self.overrides = overrides
        self.members = self._ordered(members, "*")
        self.primary = self._primary()

    def _ordered(self, members: Sequence[Member], name: str) -> list[Member]:
        return sorted(members, key=lambda m: (rank(m.recording.origin, name, self.overrides), *_content(m)))

    def _primary(self) -> Member:
        """The first by precedence among those that recorded nearly the whole event."""
        longest = max(m.recording.duration_s for m in self.members)
        return next(m for m in self.members if m.recording.duration_s >= 0.9 * longest)

    def result(self) -> Merged:
        self.members.sort(key=lambda m: m is not self.primary)
        channels = dict(self._channels())
        self.giver = {name: source.source_id for name, source in channels.items()}
        fields = dict(self._fields())
        conflicts = tuple(self._conflicts(fields))
        lags = {m.id: round(m.lag_s - self.primary.lag_s, 3) + 0.0 for m in self.members}
        return Merged(
            tuple(m.id for m in self.members),
            fields,
            channels,
            self._first_with("laps"),
            self._first_with("lengths"),
            conflicts,
            self._flags(fields, channels, conflicts),
            self._notes(fields, channels),
            self._quality(fields, conflicts),
            lags,
        )

    def _channels(self) -> Iterator[tuple[str, ChannelSource]]:
        track = self._giver_of("latitude_deg")
        for name, unit in CHANNELS.items():
            giver = track if name in TRACK else self._giver_of(name)
            # Distance, speed and height belong to the track they were measured along.
            if (
                name in _WITH_TRACK
                and track is not None
                and name in track.channels
                and name not in self.overrides
            ):
                giver = track
            if giver is not None and name in giver.channels:
                yield name, ChannelSource(giver.id, self._offset(giver), unit)

    def _giver_of(self, channel: str) -> Member | None:
        ordered = self._ordered(self.members, channel)
        if channel in self.overrides:
            wanted = [m for m in ordered if m.recording.origin.provider in self.overrides[channel]]
            ordered = [m for m in wanted if channel in m.channels] or ordered
        n = best_for(channel, [m.channels for m in ordered])
        return None if n is None else ordered[n]

    def _offset(self, member: Member) -> float:
        apart = (member.recording.start_time - self.primary.recording.start_time).total_seconds()
        return round(apart - (member.lag_s - self.primary.lag_s), 3) + 0.0

    def _fields(self) -> Iterator[tuple[str, MergedField]]:
        for name in FIELDS:
            having = [m for m in self._ordered(self.members, name) if _value(m, name) is not None]
            if having:
                chosen, rule = self._chosen(name, having)
                yield name, _field(name, chosen, rule, having)

    def _chosen(self, name: str, having: list[Member]) -> tuple[Member, str]:
        if len(having) == 1:
            return having[0], "only"
        if having[0].recording.origin.provider in self.overrides.get(name, ()):
            return having[0], "athlete"
        if len({_value(m, name) for m in having}) == 1:
            return having[0], "agreed"
        return self._disputed(name, having)

    def _disputed(self, name: str, having: list[Member]) -> tuple[Member, str]:
        if name == "start_time":
            return self._clock(having)
        if name in ("duration_s", "moving_time_s") and self.primary in having:
            return self.primary, "precedence"
        if name in ("sport", "sub_sport"):
            return self._sport(name, having)
        giver = self.giver.get(_CHANNEL_OF.get(name, ""))
        beside = next((m for m in having if m.id == giver), None)
        return (beside, "channel") if beside else (having[0], "precedence")

    def _clock(self, having: list[Member]) -> tuple[Member, str]:
        """The primary's clock, unless it says itself that it is off or two others agree against it."""
        trusted = [m for m in having if not CLOCK_FLAGS & set(m.recording.flags)] or having
        others = [m for m in trusted if abs(m.lag_s - self.primary.lag_s) > CLOCK_TOLERANCE_S]
        if self.primary not in trusted:
            return trusted[0], "clocks"
        agreed = [m for m in others if sum(abs(m.lag_s - o.lag_s) <= CLOCK_TOLERANCE_S for o in others) >= 2]
        if agreed and 2 * len(agreed) > len(trusted):
            return agreed[0], "clocks"
        return self.primary, "precedence"

    def _sport(self, name: str, having: list[Member]) -> tuple[Member, str]:
        named = [m for m in self._ordered(self.members, "sport") if m.recording.sport != "other"]
        first = (named or having)[0]
        if name == "sub_sport":
            kin = [m for m in having if m.recording.sport == first.recording.sport]
            return (kin or having)[0], "precedence"
        return first, "precedence" if first is having[0] else "specific"

    def _conflicts(self, fields: Mapping[str, MergedField]) -> Iterator[Conflict]:
        lags = {m.id: m.lag_s for m in self.members}
        for name, kept in fields.items():
            for other in kept.alternatives:
                if name == "start_time":
                    off = abs(lags[other.source_id] - lags[kept.source_id])
                    if off <= CLOCK_TOLERANCE_S:
                        continue
                found = conflict_of(name, (kept.source_id, kept.value), (other.source_id, other.value))
                if found:
                    yield found

    def _first_with(self, part: str) -> UUID | None:
        return next((m.id for m in self.members if getattr(m.recording, part)), None)

    def _contributors(
        self, fields: Mapping[str, MergedField], channels: Mapping[str, ChannelSource]
    ) -> list[Member]:
        ids = {f.source_id for f in fields.values()} | {c.source_id for c in channels.values()}
        return [m for m in self.members if m.id in ids]

    def _flags(
        self,
        fields: Mapping[str, MergedField],
        channels: Mapping[str, ChannelSource],
        conflicts: tuple[Conflict, ...],
    ) -> tuple[str, ...]:
        flags = {flag for m in self._contributors(fields, channels) for flag in m.recording.flags}
        if conflicts:
            flags.add("sources_disagree")
        if fields["start_time"].rule == "clocks":
            flags = (flags - CLOCK_FLAGS) | {"clock_corrected"}
        return tuple(sorted(flags))

    def _notes(
        self, fields: Mapping[str, MergedField], channels: Mapping[str, ChannelSource]
    ) -> tuple[str, ...]:
        notes = (note for m in self._contributors(fields, channels) for note in m.recording.notes)
        return tuple(dict.fromkeys(notes))

    def _quality(self, fields: Mapping[str, MergedField], conflicts: tuple[Conflict, ...]) -> float:
        """The mean of the sources' scores, weighted by the fields each gave, less 0.05 where sources disagree."""
        scores = {m.id: m.recording.quality_score for m in self.members}
        mean = sum(scores[f.source_id] for f in fields.values()) / len(fields)
        return round(min(1.0, max(0.0, mean - (0.05 if conflicts else 0.0))), 3)


def _content(member: Member) -> tuple[datetime, float, str, str]:
    recording = member.recording
    return recording.start_time, -recording.duration_s, recording.payload_sha256, str(member.id)


def _value(member: Member, name: str) -> FieldValue | None:
    found: FieldValue | None = getattr(member.recording, name)
    return None if found == "" else found


def _field(name: str, chosen: Member, rule: str, having: Sequence[Member]) -> MergedField:
    original = chosen.recording.originals.get(name)
    alternatives = []
    for member in having:
        value = _value(member, name)
        if member is not chosen and value is not None:
            alternatives.append(Alternative(member.id, value))
    value = _value(chosen, name)
    assert value is not None  # `having` holds only members with a value
    return MergedField(
        value,
        chosen.id,
        rule,
        tuple(alternatives),
        original.unit if original else None,
        original.value if original else None,
    )
