"""Pieces of XML as text: values that are there become elements, texts lose what XML can't hold."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import numpy as np

from rowhouse.apps.fitness.recordings.recording import Channel

_NO_CHARACTERS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def text(value: str) -> str:
    """`value` inside of an element or a quoted attribute."""
    return escape(_NO_CHARACTERS.sub("", value), {'"': "&quot;"})


def moment(unix_s: float) -> str:
    """In UTC, to the millisecond."""
    at = datetime.fromtimestamp(round(unix_s * 1000) / 1000, UTC)
    return at.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def elements(channels: Mapping[str, Channel], templates: Mapping[str, str], count: int) -> list[str]:
    """For each of `count` samples its elements: `templates` hold one `%` format for a channel's value, in the order of
    the elements. A sample without a value has no element."""
    rows = [""] * count
    for name, template in templates.items():
        values = channels.get(name)
        if values is None:
            continue
        for row in np.flatnonzero(np.isfinite(values)).tolist():
            rows[row] += template % values[row]
    return rows
