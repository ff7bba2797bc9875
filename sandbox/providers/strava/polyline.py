"""A track as one short text (Google's encoded polyline algorithm, precision 5)."""

from collections.abc import Mapping

from sandbox.world.streams import Values


def encoded(streams: Mapping[str, Values], every: int) -> str:
    """Each so many-th point."""
    text, before = [], (0, 0)
    points = zip(
        (streams["latitude_deg"][::every] * 1e5).round().astype(int).tolist(),
        (streams["longitude_deg"][::every] * 1e5).round().astype(int).tolist(),
        strict=True,
    )
    for point in points:
        text += [_value(now - then) for now, then in zip(point, before, strict=True)]
        before = point
    return "".join(text)


def _value(difference: int) -> str:
    rest = ~(difference << 1) if difference < 0 else difference << 1
    letters = []
    while rest >= 0x20:
        letters.append(chr((0x20 | (rest & 0x1F)) + 63))
        rest >>= 5
    letters.append(chr(rest + 63))
    return "".join(letters)
