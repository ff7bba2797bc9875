"""Laps and pool lengths of one session."""

from collections.abc import Sequence
from typing import Any

from rowhouse.apps.fitness.files.decoding.fit.messages import Message, real
from rowhouse.apps.fitness.recordings.recording import Lap, Length

_MOST = 20_000
"""Laps or lengths of one session that are kept; nobody has swum more."""


def laps(messages: Sequence[Message], start: float, span: Sequence[float]) -> tuple[Lap, ...]:
    """Laps that begin within `span` (Unix seconds), counted from the session's start."""
    return tuple(_lap(m, at - start) for m, at in _within(messages, span))


def lengths(messages: Sequence[Message], start: float, span: Sequence[float]) -> tuple[Length, ...]:
    """Lengths that begin within `span`, in the order swum."""
    return tuple(
        Length(
            start_s=at - start,
            duration_s=_number(m, "total_elapsed_time") or 0.0,
            active=m.get("length_type") != "idle",
            stroke=m["swim_stroke"] if isinstance(m.get("swim_stroke"), str) else None,
            strokes=m["total_strokes"] if isinstance(m.get("total_strokes"), int) else None,
        )
        for m, at in _within(messages, span)
    )


def _lap(message: Message, start_s: float) -> Lap:
    trigger: Any = message.get("lap_trigger")
    return Lap(
        start_s=start_s,
        duration_s=_number(message, "total_elapsed_time") or 0.0,
        moving_time_s=_number(message, "total_timer_time"),
        distance_m=_number(message, "total_distance"),
        ascent_m=_number(message, "total_ascent"),
        energy_kcal=_number(message, "total_calories"),
        avg_hr_bpm=_number(message, "avg_heart_rate"),
        max_hr_bpm=_number(message, "max_heart_rate"),
        avg_power_w=_number(message, "avg_power"),
        avg_cadence_rpm=_number(message, "avg_cadence"),
        trigger=trigger if isinstance(trigger, str) else None,
    )


def _within(messages: Sequence[Message], span: Sequence[float]) -> list[tuple[Message, float]]:
    found = [(m, _number(m, "start_time")) for m in messages[:_MOST]]
    return sorted(
        ((m, at) for m, at in found if at is not None and span[0] <= at < span[1]), key=lambda f: f[1]
    )


def _number(message: Message, name: str) -> float | None:
    return real(message.get(name))
