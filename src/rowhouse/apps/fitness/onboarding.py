"""What athletes and coaches are asked once."""

from typing import Annotated

from pydantic import AfterValidator, Field

from rowhouse.apps.fitness.workouts.records import lock_athlete
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.envelope import Payload
from rowhouse.kernel.onboarding.fields import OneOf, TimeZone
from rowhouse.kernel.onboarding.flow import TERMS, Answers, Flow, Stage
from rowhouse.kernel.organizations.settings import OrganizationSettings

UNITS = {"metric": "Metric (km, m, °C)", "imperial": "Imperial (mi, ft, °F)"}
SPORTS = {
    "ride": "Cycling",
    "run": "Running",
    "swim": "Swimming",
    "multisport": "Multisport",
    "walk": "Walking",
    "hike": "Hiking",
    "row": "Rowing",
    "paddle": "Paddling",
    "ski": "Skiing and snow",
    "skate": "Skating",
    "climb": "Climbing",
    "strength": "Strength",
    "racket": "Racket sports",
    "team": "Team sports",
    "water": "Water sports",
    "other": "Something else",
}
"""Those of the taxonomy's sports that people say they do, as they say it."""


def _once(chosen: list[str]) -> list[str]:
    return list(dict.fromkeys(chosen))


Sports = Annotated[
    list[Annotated[str, OneOf(SPORTS)]], Field(min_length=1, max_length=len(SPORTS)), AfterValidator(_once)
]


class PersonInfo(Payload):
    home_timezone: Annotated[
        TimeZone, Field(title="Home time zone", description="Recordings that name no place are shown in it.")
    ]
    units: Annotated[str, OneOf(UNITS), Field(title="Units")]


class AthleteInfo(PersonInfo):
    sports: Annotated[Sports, Field(title="Your sports", description="Choose all that you record.")]


class CoachInfo(Payload):
    sports: Annotated[Sports, Field(title="Sports that you coach")]
    years_coaching: Annotated[int | None, Field(ge=0, le=80, title="Years of coaching")] = None
    qualifications: Annotated[
        str | None,
        Field(
            max_length=1000,
            title="Qualifications",
            description="Licences and degrees, as your athletes should read them.",
        ),
    ] = None


async def keep_home(ctx: Ctx, info: PersonInfo) -> None:
    """What the person says is home counts, whatever their recordings seemed to say."""
    athlete = await lock_athlete(ctx)
    athlete.timezone = info.home_timezone


def propose(settings: OrganizationSettings) -> Answers:
    """What the organization has set otherwise than everybody: of the rest the device knows better."""
    set_ = settings.model_dump(include={"timezone", "units"}, exclude_defaults=True)
    return {{"timezone": "home_timezone"}.get(name, name): value for name, value in set_.items()}


ABOUT_YOU = (
    "This decides how figures and times are shown to you. You can change it in the settings at any time."
)

athlete_flow = Flow(
    "athlete",
    ("athlete", "owner", "admin", "member"),
    (Stage("personal_info", "About you", AthleteInfo, ABOUT_YOU, keep_home, propose), TERMS),
)
coach_flow = Flow(
    "coach",
    ("coach",),
    (
        Stage("personal_info", "About you", PersonInfo, ABOUT_YOU, keep_home, propose),
        Stage("professional_info", "Your work as a coach", CoachInfo, "What your athletes should know."),
        TERMS,
    ),
)
