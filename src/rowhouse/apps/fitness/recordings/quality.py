"""What can be wrong with a recording: stable codes, their sentences, and what each costs in quality."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Defect:
    """`text` tells the athlete what happened and what was done; `penalty` is taken from a score of 1."""

    text: str
    penalty: float


DEFECTS: Mapping[str, Defect] = {
    "truncated": Defect("The file ends in the middle; everything before the break was kept.", 0.2),
    "corrupt": Defect("Part of the file could not be read; the rest was kept.", 0.3),
    "crc_mismatch": Defect("The file's checksum is wrong; values were kept as they read.", 0.1),
    "summary_missing": Defect("The file has no summary; its figures were computed from the samples.", 0.1),
    "samples_missing": Defect("The file has a summary but no samples.", 0.3),
    "clock_unset": Defect("The device's clock was not set, so the date is not reliable.", 0.2),
    "clock_future": Defect("The recording lies in the future: the device's clock was wrong.", 0.2),
    "coordinates_invalid": Defect("Positions that cannot be on Earth were left out.", 0.1),
    "values_implausible": Defect("Readings that no body or bicycle can produce were left out.", 0.05),
    "times_unordered": Defect("Samples had repeated or backward times; they were sorted and merged.", 0.05),
    "times_outside": Defect("Samples with times outside of the recording were left out.", 0.1),
    "time_zone_assumed": Defect("The file's times have no zone; they were read as UTC.", 0.1),
    "derived": Defect("Figures that the source did not give were computed from the samples.", 0.0),
    "route_missing": Defect("The route of this workout is named in the export but could not be read.", 0.1),
}
"""Code → what it means. Codes are stable: they are stored, shown and filtered by."""

FLOOR = 0.05
"""The lowest score: what was kept at all is worth something."""


def sentences(codes: Iterable[str], details: Mapping[str, str]) -> tuple[str, ...]:
    """The sentence of every code in order, followed by its detail where there is one."""
    return tuple(" ".join(part for part in (DEFECTS[c].text, details.get(c, "")) if part) for c in codes)


def score(codes: Iterable[str]) -> float:
    """1 for a sound recording, less for each defect, never below `FLOOR`."""
    return max(FLOOR, round(1.0 - sum(DEFECTS[c].penalty for c in codes), 3))
