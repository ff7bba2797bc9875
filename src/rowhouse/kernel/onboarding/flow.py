"""Flows as data: what a role is asked, stage by stage, each with the schema that its answers must fit.

    Flow("athlete", ("athlete",), (Stage("personal_info", "About you", AthleteInfo), TERMS))

An account is at the first stage that it has not done: started → a stage after the other → completed. Changing what was
answered opens a stage again, and so do new terms.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BaseModel, Field, ValidationError
from pydantic_core import PydanticCustomError

from rowhouse.kernel.errors import FieldError, InvalidInput
from rowhouse.kernel.http.envelope import Payload
from rowhouse.kernel.onboarding.fields import draft_of, form_of
from rowhouse.kernel.onboarding.terms import terms_in_force

if TYPE_CHECKING:  # contexts stand on the registry, which holds the flows
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.organizations.settings import OrganizationSettings

MOST_BYTES = 16_384
"""Of one stage's answers."""

Answers = Mapping[str, Any]
Taken = Callable[["Ctx", Any], Awaitable[None]]
Proposed = Callable[["OrganizationSettings"], Answers]

SAID: Mapping[str, str] = {
    "missing": "This is still to be answered.",
    "too_short": "Choose at least one.",
    "literal_error": "Choose one of the options.",
    "extra_forbidden": "This stage has no such field.",
}
"""Pydantic's error → what it means to who fills in a form; others say it well enough."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One group of questions. `taken` does in the same transaction what follows from valid answers; `proposed` are
    answers to begin with, by what the organization has set."""

    name: str
    title: str
    schema: type[BaseModel]
    lead: str = ""
    taken: Taken | None = None
    proposed: Proposed | None = None

    def __post_init__(self) -> None:
        draft_of(self.schema)  # a field that no form can have fails the start

    @property
    def form(self) -> Mapping[str, Any]:
        return form_of(self.schema)

    def form_in(self, settings: "OrganizationSettings") -> Mapping[str, Any]:
        """The form with what is proposed in an organization as its `default`s."""
        if self.proposed is None:
            return self.form
        fields, proposed = self.form["properties"], self.proposed(settings)
        given = {name: fields[name] | {"default": value} for name, value in proposed.items()}
        return {**self.form, "properties": {**fields, **given}}

    def drafted(self, given: Answers) -> dict[str, Any]:
        """Answers as far as they are given; raises `InvalidInput` for unknown fields, other types and too much."""
        draft = _fit(draft_of(self.schema), given).model_dump(exclude_none=True)
        if len(orjson.dumps(draft)) > MOST_BYTES:
            raise InvalidInput.of("values", "too_long", f"A stage's answers are at most {MOST_BYTES} bytes.")
        return draft

    def validated(self, draft: Answers) -> BaseModel:
        """The answers as the schema has them; raises `InvalidInput` with each field that does not fit."""
        known = self.form["properties"]
        return _fit(self.schema, {k: v for k, v in draft.items() if k in known and v not in ("", [])})


@dataclass(frozen=True, slots=True)
class Flow:
    """The stages of the accounts with one of these roles, in their order."""

    name: str
    roles: tuple[str, ...]
    stages: tuple[Stage, ...]

    def stage(self, name: str) -> Stage:
        """Raises `InvalidInput` where the flow has no such stage."""
        found = next((stage for stage in self.stages if stage.name == name), None)
        if found is None:
            raise InvalidInput.of("stage", "unknown_stage", "Your role has no such stage.")
        return found


def _in_force(version: str) -> str:
    if version != terms_in_force().version:
        raise PydanticCustomError("terms_changed", "The terms have changed meanwhile; read them once more.")
    return version


class TermsAccepted(Payload):
    accepted: Annotated[Literal[True], Field(title="I have read the terms and accept them")]
    version: Annotated[str, AfterValidator(_in_force)]


TERMS = Stage("terms", "Terms", TermsAccepted)
"""The last stage of every flow: asked again when the terms change."""

TERMS_ALONE = Flow("terms", (), (TERMS,))
"""For roles that no app asks anything else."""


def _fit(model: type[BaseModel], given: Answers) -> BaseModel:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InvalidInput(
            errors=[
                FieldError(f"values.{e['loc'][0]}", e["type"], SAID.get(e["type"], e["msg"]))
                for e in error.errors(include_url=False, include_input=False, include_context=False)
            ]
        ) from None
