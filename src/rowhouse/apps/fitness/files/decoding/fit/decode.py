"""A FIT file's recordings."""

from datetime import datetime

from rowhouse.apps.fitness.files.decoding.fit.messages import Decoded, decode_segment
from rowhouse.apps.fitness.files.decoding.fit.segments import split
from rowhouse.apps.fitness.files.decoding.fit.sessions import drafts
from rowhouse.apps.fitness.files.decoding.refusals import RefusedError
from rowhouse.apps.fitness.recordings.finish import finish
from rowhouse.apps.fitness.recordings.recording import Recording

_CONTENT = ("file_id", "session", "record")


def decode_fit(data: bytes, received_at: datetime, *, broken: bool = False) -> tuple[Recording, ...]:
    """One recording for each session of each activity in the file; `broken` says that the bytes end early.

    Raises RefusedError when there is none: not_an_activity, no_samples, truncated, corrupt, too_large.
    """
    files = _files(data)
    if broken and files:
        files[-1].defects.add("truncated")
    activities = [f for f in files if f.first("file_id").get("type", "activity") == "activity"]
    if not activities:
        raise RefusedError(*_why_nothing(data, files))
    recordings = [finish(d, received_at) for f in activities for d in drafts(f)]
    kept = tuple(r for r in recordings if r is not None)
    if kept:
        return kept
    damage = set().union(*(f.defects for f in files))
    raise RefusedError(next((code for code in ("truncated", "corrupt") if code in damage), "no_samples"))


def _files(data: bytes) -> list[Decoded]:
    """Decoded files, chained sequences without content of their own (stored heart rate) joined to the one before."""
    files: list[Decoded] = []
    for segment in split(data):
        decoded = decode_segment(segment)
        if files and not any(decoded.messages.get(kind) for kind in _CONTENT):
            for kind, messages in decoded.messages.items():
                files[-1].messages.setdefault(kind, []).extend(messages)
            files[-1].defects |= decoded.defects
        else:
            files.append(decoded)
    return files


def _why_nothing(data: bytes, files: list[Decoded]) -> tuple[str, str]:
    kinds = {str(f.first("file_id").get("type")) for f in files if f.first("file_id")}
    if kinds:
        return "not_an_activity", f"its type is {', '.join(sorted(kinds))}"
    return ("truncated" if len(data) < 14 else "corrupt"), ""
