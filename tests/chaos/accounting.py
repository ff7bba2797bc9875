"""What each fault cost: told at the end of a run of these tests, `make chaos` above all."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    fault: str
    what: str
    acknowledged: int
    present: int

    def __str__(self) -> str:
        return f"{self.acknowledged:>7} acknowledged, {self.present:>7} present once  {self.what}  ({self.fault})"


LINES: list[Line] = []


def note(fault: str, what: str, acknowledged: int, present: int) -> None:
    """Closes the account of one fault: everything that was acknowledged is there, exactly once."""
    LINES.append(Line(fault, what, acknowledged, present))
    assert acknowledged == present, LINES[-1]
