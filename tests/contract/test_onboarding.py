"""Onboarding, by HTTP alone."""

from tests.contract.asking import Someone, inside, problem

PROGRESS = "/api/v1/onboarding/progress"
COMPLETE = "/api/v1/onboarding/complete"
KEYS = {"flow", "role", "stage", "stages", "values", "version", "terms", "completed_at"}
ABOUT = {"home_timezone": "Europe/Zurich", "units": "metric", "sports": ["ride"]}


def test_from_started_to_completed(someone: Someone) -> None:
    shown = inside(someone.http.get(PROGRESS))
    assert set(shown) == KEYS
    assert shown["stage"] == "started"
    assert all(set(stage) == {"name", "title", "lead", "schema", "state"} for stage in shown["stages"])
    problem(someone.http.post(COMPLETE), 409, "onboarding_incomplete")
    terms = inside(someone.http.get("/api/v1/onboarding/terms"))
    answers = {"personal_info": ABOUT, "terms": {"accepted": True, "version": terms["version"]}}
    for stage in [stage["name"] for stage in shown["stages"]]:
        given = {"stage": stage, "values": answers[stage], "version": shown["version"], "advance": True}
        shown = inside(someone.http.put(PROGRESS, json=given))
    shown = inside(someone.http.post(COMPLETE))
    assert (shown["stage"], shown["completed_at"] is not None) == ("completed", True)
    assert inside(someone.http.get(PROGRESS)) == shown


def test_two_devices(someone: Someone) -> None:
    here = {"stage": "personal_info", "values": {"units": "metric"}, "version": 0}
    kept = inside(someone.http.put(PROGRESS, json=here))
    there = here | {"values": {"units": "imperial"}}
    told = problem(someone.http.put(PROGRESS, json=there), 409, "onboarding_edited_elsewhere")
    assert told["current"] == kept


def test_what_does_not_fit_is_named(someone: Someone) -> None:
    given = {"stage": "personal_info", "values": {"units": "cubits"}, "version": 0, "advance": True}
    told = problem(someone.http.put(PROGRESS, json=given), 422, "invalid_input")
    assert {error["field"] for error in told["errors"]} == {
        "values.home_timezone", "values.units", "values.sports",
    }  # fmt: skip
