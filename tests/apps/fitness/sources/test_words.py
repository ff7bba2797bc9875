"""Providers' own words for sports."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from rowhouse.apps.fitness.recordings.words import OTHER, activity_of_word
from rowhouse.apps.fitness.sources.polar.reading import read_summary
from rowhouse.apps.fitness.sources.withings.reading import read_workout
from rowhouse.apps.fitness.sources.withings.words import WORDS
from tests.sandbox.documents import described

AT = datetime(2026, 5, 2, tzinfo=UTC)


def withings(category: int) -> Any:
    said = {"id": 7, "category": category, "timezone": "Europe/Berlin", "modified": 1, "data": {}}
    [found] = read_workout(said | {"startdate": 1_777_700_000, "enddate": 1_777_703_600}, AT)
    return found


def polar(**said: str) -> Any:
    known = {
        "id": "x1",
        "upload_time": "2026-05-01T09:00:00Z",
        "start_time": "2026-05-01T07:00:00",
        "start_time_utc_offset": 60,
        "duration": "PT1H",
    }
    [found] = read_summary(known | said, AT)
    return found


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        (8, ("water", "surf")),
        (12, ("racket", "tennis")),
        (20, ("team", "basketball")),
        (22, ("team", None)),
        (26, ("equestrian", None)),
        (27, ("golf", None)),
        (194, ("team", "hockey")),
        (521, ("multisport", "triathlon")),
    ],
)
def test_withings_sports(category: int, expected: tuple[str, str | None]) -> None:
    found = withings(category)
    assert (found.sport, found.sub_sport) == expected


def test_withings_is_quoted_where_the_taxonomy_has_no_word() -> None:
    found = withings(33)
    assert (found.sport, found.source_sport) == ("other", "martialarts")


def test_every_category_of_withings_document_has_its_word() -> None:
    document = described("withings_openapi.yml")
    text = document["components"]["schemas"]["workout_object"]["properties"]["category"]["description"]
    named = {int(number): word for number, word in re.findall(r"\|\s*(\d+)\s*\|\s*([^|]+?)\s*\|", text)}
    assert named.keys() == WORDS.keys()
    known = {number: activity_of_word(word) for number, word in named.items()}
    # What Withings calls football beside soccer is the American one.
    wanted = {number: one for number, one in known.items() if one != OTHER and number != 22}
    assert {number: activity_of_word(WORDS[number]) for number in wanted} == wanted


def test_polar_is_believed_where_the_finer_word_is_not_known() -> None:
    found = polar(sport="RUNNING", detailed_sport_info="WATERSPORTS_OF_2031")
    assert (found.sport, found.source_sport) == ("run", "WATERSPORTS_OF_2031")
    fine = polar(sport="OTHER", detailed_sport_info="TRAIL_RUNNING")
    assert (fine.sport, fine.sub_sport) == ("run", "trail")
