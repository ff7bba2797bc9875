"""The state machine: where an account stands in its flow, by what it has done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rowhouse.kernel.onboarding.flow import TERMS, Flow, Stage
from rowhouse.kernel.onboarding.models import Onboarding
from rowhouse.kernel.onboarding.terms import terms_in_force

STARTED, COMPLETED = "started", "completed"
StageState = Literal["todo", "current", "done"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One account in its flow; `row` is None before anything was saved."""

    flow: Flow
    role: str
    row: Onboarding | None

    @property
    def stage(self) -> str:
        """`started`, the first stage that is not done, the last one until all is confirmed, or `completed`."""
        if self.row is None or self.row.version == 0:
            return STARTED
        if open_stage := self.open_stage:
            return open_stage.name
        return COMPLETED if self.row.completed_at else self.flow.stages[-1].name

    @property
    def open_stage(self) -> Stage | None:
        """The first stage that is not done."""
        return next((stage for stage in self.flow.stages if not self.is_done(stage)), None)

    @property
    def states(self) -> Sequence[tuple[Stage, StageState]]:
        return [(stage, self._state(stage)) for stage in self.flow.stages]

    @property
    def completed_at(self) -> datetime | None:
        return self.row.completed_at if self.row and self.stage == COMPLETED else None

    @property
    def terms_accepted(self) -> bool:
        return self.row is not None and self.row.terms_version == terms_in_force().version

    def is_done(self, stage: Stage) -> bool:
        if self.row is None or stage.name not in self.row.done:
            return False
        return stage is not TERMS or self.terms_accepted

    def is_reachable(self, stage: Stage) -> bool:
        return self.is_done(stage) or stage is self.open_stage

    def _state(self, stage: Stage) -> StageState:
        if self.is_done(stage):
            return "done"
        return "current" if stage is self.open_stage else "todo"
