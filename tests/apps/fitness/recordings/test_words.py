"""Sports in the words of their sources."""

import pytest

from rowhouse.apps.fitness.recordings.words import activity_of_fit, activity_of_word, unknown_targets


def test_every_target_is_of_the_taxonomy() -> None:
    assert unknown_targets() == []


@pytest.mark.parametrize(
    ("sport", "sub_sport", "expected"),
    [
        ("cycling", None, ("ride", None)),
        ("cycling", "generic", ("ride", None)),
        ("cycling", "road", ("ride", "road")),
        ("cycling", "mountain", ("ride", "mountain")),
        ("cycling", "commuting", ("ride", "commuting")),
        ("cycling", "virtual_activity", ("ride", "virtual")),
        ("cycling", "indoor_cycling", ("ride", "indoor")),
        ("running", "treadmill", ("run", "treadmill")),
        ("running", "trail", ("run", "trail")),
        ("running", "street", ("run", "road")),
        ("swimming", "lap_swimming", ("swim", "pool")),
        ("swimming", "open_water", ("swim", "open_water")),
        ("fitness_equipment", "indoor_rowing", ("row", "indoor")),
        ("training", "strength_training", ("strength", None)),
        ("training", "generic", ("fitness", None)),
        ("training", "yoga", ("mobility", "yoga")),
        ("generic", "generic", ("other", None)),
        ("running", "mountain", ("run", None)),
        ("stand_up_paddleboarding", "generic", ("paddle", "stand_up")),
        ("transition", "generic", ("transition", None)),
        (None, None, ("other", None)),
        ("a sport of 2031", "a sub-sport", ("other", None)),
    ],
)
def test_fit(sport: str | None, sub_sport: str | None, expected: tuple[str, str | None]) -> None:
    assert tuple(activity_of_fit(sport, sub_sport)) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Biking", ("ride", None)),
        ("Running", ("run", None)),
        ("VirtualRide", ("ride", "virtual")),
        ("EBikeRide", ("ride", "e_bike")),
        ("trail_running", ("run", "trail")),
        ("Nordic Ski", ("ski", "cross_country")),
        ("9", ("run", None)),
        ("1", ("ride", None)),
        ("HKWorkoutActivityTypeCycling", ("ride", None)),
        ("HKWorkoutActivityTypeTraditionalStrengthTraining", ("strength", None)),
        ("HKWorkoutActivityTypeSwimBikeRun", ("multisport", None)),
        ("", ("other", None)),
        (None, ("other", None)),
    ],
)
def test_words(word: str | None, expected: tuple[str, str | None]) -> None:
    assert tuple(activity_of_word(word)) == expected
