"""From a member to its recordings, or to the reason why there are none."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rowhouse.apps.fitness.biometrics.measurement import DayTold
from rowhouse.apps.fitness.files.decoding.apple import decode_apple
from rowhouse.apps.fitness.files.decoding.fit.decode import decode_fit
from rowhouse.apps.fitness.files.decoding.formats import Format
from rowhouse.apps.fitness.files.decoding.gpx import decode_gpx
from rowhouse.apps.fitness.files.decoding.members import Member, Members, open_members
from rowhouse.apps.fitness.files.decoding.refusals import REFUSALS, Refusal, RefusedError
from rowhouse.apps.fitness.files.decoding.tcx import decode_tcx
from rowhouse.apps.fitness.recordings.recording import Recording

__all__ = ["REFUSALS", "Decoded", "Member", "Members", "Refusal", "decode", "decode_each", "open_members"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """What came of a member; `days` are what it tells of the body. `notes` are sentences about the file as a whole (each recording has its own)."""

    recordings: tuple[Recording, ...] = ()
    days: tuple[DayTold, ...] = ()
    refusal: Refusal | None = None
    notes: tuple[str, ...] = ()


def decode(member: Member, *, received_at: datetime) -> Decoded:
    """All recordings of a member. Never raises for bad bytes. For an Apple export prefer `decode_each`, which
    holds one workout at a time."""
    parts = list(decode_each(member, received_at=received_at))
    recordings = tuple(r for part in parts for r in part.recordings)
    days = tuple(d for part in parts for d in part.days)
    notes = tuple(n for part in parts for n in part.notes)
    refusal = next((part.refusal for part in parts if part.refusal), None)
    if (recordings or days) and refusal:
        return Decoded(recordings, days, None, (*notes, refusal.detail))
    return Decoded(recordings, days, refusal, notes)


def decode_each(member: Member, *, received_at: datetime) -> Iterator[Decoded]:
    """A member's recordings in parts that fit into memory: one for an Apple export's workout and one for a day of the body,
    after all workouts; one for any other file. A refusal comes last; what was yielded before it stays good."""
    if member.refusal:
        yield Decoded(refusal=member.refusal)
        return
    try:
        if member.format is Format.APPLE_HEALTH:
            for found in decode_apple(member, received_at):
                yield Decoded(days=(found,)) if isinstance(found, DayTold) else Decoded((found,))
        else:
            recordings = _decode_file(member, received_at)
            refusal = None if recordings else RefusedError("no_samples").refusal
            yield Decoded(recordings, refusal=refusal)
    except RefusedError as error:
        yield Decoded(refusal=error.refusal)


def _decode_file(member: Member, received_at: datetime) -> tuple[Recording, ...]:
    if member.format is Format.EMPTY:
        raise RefusedError("empty_file")
    with member.open() as stream:
        if member.format is Format.FIT:
            data = stream.read()
            return decode_fit(data, received_at, broken=stream.broken)
        if member.format is Format.GPX:
            return decode_gpx(stream, received_at)
        if member.format is Format.TCX:
            return decode_tcx(stream, received_at)
        raise RefusedError(
            "nested_too_deep" if member.format in (Format.ZIP, Format.GZIP) else "unsupported_format"
        )
