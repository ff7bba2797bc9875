"""Who is in the demo: three athletes and their coach."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from rowhouse.apps.fitness.demo.season import HOME_ZONE, Body, Plan
from rowhouse.kernel.onboarding.flow import Answers
from rowhouse.kernel.registry import DemoLogin

ORGANIZATION = "Alpenglow Coaching"


@dataclass(frozen=True, slots=True)
class DemoAthlete:
    """`lasting` are thresholds that hold all the time, `dated` those that training has changed: kind → its value two
    years ago, a year ago, and twelve weeks ago."""

    name: str
    login: DemoLogin
    body: Body
    lasting: Mapping[str, object]
    dated: Mapping[str, tuple[float, float, float]]


ROBIN = DemoAthlete(
    "Robin Falkner",
    DemoLogin("athlete@demo.rowhouse.example", "lantern-otter-quartz-91", "owner", ORGANIZATION),
    Body(
        seed=7,
        week=(
            Plan("Easy run", 1, time(6, 40), "run", 2700, 2.9, 0.62),
            Plan("Intervals on the bike", 2, time(17, 45), "ride", 4200, 8.1, 0.80),
            Plan("Tempo run", 3, time(6, 30), "run", 3000, 3.4, 0.80),
            Plan("Long ride", 5, time(8, 30), "ride", 9000, 7.8, 0.68),
            Plan("Long run", 6, time(8, 0), "run", 5400, 2.8, 0.66),
        ),
        ftp_w=255,
        rest_bpm=48,
        max_bpm=188,
    ),
    {"sex": "female", "birth_year": 1988, "weight_kg": 61.5},
    {
        "ftp_w": (222, 240, 255),
        "lthr_bpm": (164, 166, 167),
        "max_hr_bpm": (190, 189, 188),
        "resting_hr_bpm": (54, 51, 48),
        "threshold_speed_mps": (3.2, 3.4, 3.6),
    },
)
MIRA = DemoAthlete(
    "Mira Lindqvist",
    DemoLogin("runner@demo.rowhouse.example", "copper-heron-meadow-37", "athlete", ORGANIZATION),
    Body(
        seed=23,
        week=(
            Plan("Morning run", 0, time(6, 15), "run", 2400, 3.1, 0.64),
            Plan("Track intervals", 2, time(18, 0), "run", 3300, 3.8, 0.84),
            Plan("Long run", 6, time(9, 0), "run", 6600, 3.0, 0.68),
        ),
        ftp_w=215,
        rest_bpm=44,
        max_bpm=194,
        gained=0.08,
    ),
    {"sex": "female", "birth_year": 1996, "weight_kg": 57.0},
    {
        "lthr_bpm": (172, 174, 175),
        "max_hr_bpm": (196, 195, 194),
        "resting_hr_bpm": (48, 46, 44),
        "threshold_speed_mps": (3.7, 3.9, 4.1),
    },
)
JONAS = DemoAthlete(
    "Jonas Weiss",
    DemoLogin("cyclist@demo.rowhouse.example", "walnut-comet-harbour-58", "athlete", ORGANIZATION),
    Body(
        seed=41,
        week=(
            Plan("Sweet spot", 1, time(17, 30), "ride", 4500, 8.6, 0.84),
            Plan("Endurance ride", 3, time(17, 15), "ride", 5400, 8.2, 0.66),
            Plan("Sunday tour", 6, time(8, 45), "ride", 10_800, 8.0, 0.70),
        ),
        ftp_w=305,
        rest_bpm=51,
        max_bpm=183,
        gained=0.15,
    ),
    {"sex": "male", "birth_year": 1983, "weight_kg": 74.0},
    {
        "ftp_w": (258, 285, 305),
        "lthr_bpm": (160, 161, 162),
        "max_hr_bpm": (186, 184, 183),
        "resting_hr_bpm": (57, 54, 51),
    },
)
ATHLETES = (ROBIN, MIRA, JONAS)
COACH_NAME = "Kim Okafor"
COACH = DemoLogin("coach@demo.rowhouse.example", "granite-finch-lagoon-64", "coach", ORGANIZATION)
AT_HOME: Answers = {"home_timezone": HOME_ZONE.key, "units": "metric"}
COACHING: Mapping[str, Answers] = {
    "personal_info": AT_HOME,
    "professional_info": {
        "sports": ["ride", "run"],
        "years_coaching": 11,
        "qualifications": "Licensed coach for endurance sports",
    },
}
"""What the coach has answered when asked about themselves."""


def about(athlete: DemoAthlete) -> Mapping[str, Answers]:
    """What an athlete has answered when asked about themselves."""
    sports = sorted({plan.sport for plan in athlete.body.week})
    return {"personal_info": {**AT_HOME, "sports": sports}}


LOGINS = (*(one.login for one in ATHLETES), COACH)
