"""What the routes of onboarding take and give."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from rowhouse.kernel.http.envelope import Payload, View
from rowhouse.kernel.onboarding.flow import TERMS
from rowhouse.kernel.onboarding.progress import Progress, StageState
from rowhouse.kernel.onboarding.terms import terms_in_force
from rowhouse.kernel.organizations.settings import OrganizationSettings


class OnboardingChange(Payload):
    """One stage's answers. They may be unfinished, unless `advance` says that the stage is done."""

    stage: Annotated[str, Field(max_length=100, examples=["personal_info"])]
    values: dict[str, Any] = Field(
        description="all of the stage's answers so far",
        examples=[{"home_timezone": "Europe/Zurich", "units": "metric", "sports": ["ride"]}],
    )
    version: int = Field(ge=0, le=2_147_483_647, description="of the progress that was changed")
    advance: bool = Field(False, description="check the answers and go on to the next stage")


class OnboardingStageView(View):
    name: str = Field(examples=["personal_info"])
    title: str
    lead: str
    form: dict[str, Any] = Field(
        alias="schema",
        description="JSON Schema of the answers, flat; `default`s as the organization has set them",
    )
    state: StageState


class AcceptedTermsView(View):
    version: str = Field(description="in force", examples=["2026-11-01"])
    accepted: bool = Field(description="whether this version is accepted")
    accepted_version: str | None = Field(description="the version accepted last, if any")


class OnboardingView(View):
    flow: str = Field(examples=["athlete"])
    role: str
    stage: str = Field(
        description="started, the stage to be done next, or completed", examples=["personal_info"]
    )
    stages: list[OnboardingStageView]
    values: dict[str, dict[str, Any]] = Field(description="the answers so far, by stage")
    version: int
    terms: AcceptedTermsView | None
    completed_at: datetime | None


class TermsSectionView(View):
    title: str
    paragraphs: list[str]


class TermsView(View):
    version: str = Field(examples=["2026-11-01"])
    title: str
    sections: list[TermsSectionView]


def shown(progress: Progress, settings: OrganizationSettings) -> dict[str, Any]:
    """The progress as callers see it in an organization, before it is validated as a `OnboardingView`."""
    row = progress.row
    return {
        "flow": progress.flow.name,
        "role": progress.role,
        "stage": progress.stage,
        "stages": [
            {
                "name": stage.name,
                "title": stage.title,
                "lead": stage.lead,
                "schema": stage.form_in(settings),
                "state": state,
            }
            for stage, state in progress.states
        ],
        "values": {stage.name: row.answers.get(stage.name, {}) for stage in progress.flow.stages}
        if row
        else {},
        "version": row.version if row else 0,
        "terms": {
            "version": terms_in_force().version,
            "accepted": progress.terms_accepted,
            "accepted_version": row.terms_version if row else None,
        }
        if TERMS in progress.flow.stages
        else None,
        "completed_at": progress.completed_at,
    }
