"""Precedence on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from rowhouse.kernel.http.envelope import Payload, View

Name = Annotated[str, StringConstraints(min_length=1, max_length=40)]
EXAMPLE: JsonDict = {"*": ["polar", "garmin"], "power_w": ["garmin"], "hrv_rmssd": ["oura"]}


class PrecedenceView(View):
    """`order`: a figure or channel of workouts, or `*` for all others; a type of biometrics, or `biometrics` for all others
    → the providers that come first for it, best first; who is not in it follows as in `usual`, a device's own recording
    before any copy of it, or as in `usual_of_biometrics`. `job_id` is of the job that builds workouts anew after a
    change."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "order": EXAMPLE,
                "usual": ["garmin", "polar"],
                "usual_of_biometrics": ["whoop", "oura"],
                "job_id": None,
            }
        }
    )

    order: dict[str, list[str]]
    usual: list[str]
    usual_of_biometrics: list[str]
    job_id: UUID | None


class PrecedenceSet(Payload):
    """The whole order; an empty one is the usual one."""

    model_config = ConfigDict(json_schema_extra={"example": {"order": EXAMPLE}})

    order: Annotated[dict[Name, Annotated[list[Name], Field(max_length=20)]], Field(max_length=60)]
