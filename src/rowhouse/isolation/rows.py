"""A line of the doctor's report."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One thing, the wall that holds it, the reason where the wall is an unusual one, and what is wrong with it."""

    kind: str
    name: str
    wall: str
    reason: str = ""
    faults: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"holds": self.holds}
