"""What machines and people of a local run ask: health, readiness, the description, the error dictionary, mail."""

from tests.contract.asking import problem
from tests.contract.conftest import Athlete
from tests.live import MAIL_S, LiveRun, until


def test_health_names_every_part(live_run: LiveRun) -> None:
    answer = live_run.ask("GET", "/health")
    body = answer.json()
    assert answer.status_code == 200
    assert body["status"] in {"healthy", "degraded"}
    assert {"database", "redis", "storage", "worker", "scheduler", "migrations"} <= set(body["parts"])
    for part in body["parts"].values():
        assert part["state"] in {"healthy", "degraded", "unhealthy"}
        assert (part["state"] == "healthy") == (part["detail"] is None)
    assert "password" not in answer.text


def test_ready(live_run: LiveRun) -> None:
    answer = live_run.ask("GET", "/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_the_description_holds_every_call_of_the_contract(live_run: LiveRun) -> None:
    described = live_run.ask("GET", "/openapi.json").json()
    assert described["openapi"].startswith("3.")
    calls = {(method, path) for path, item in described["paths"].items() for method in item}
    for method, path in (
        ("post", "auth/register"),
        ("post", "auth/verify-email"),
        ("post", "auth/login"),
        ("post", "auth/refresh"),
        ("post", "auth/logout"),
        ("post", "auth/logout-all"),
        ("get", "auth/me"),
        ("get", "auth/csrf-token"),
        ("post", "uploads"),
        ("get", "jobs/{job_id}"),
        ("get", "workouts"),
        ("get", "workouts/{workout_id}"),
        ("get", "workouts/{workout_id}/streams"),
        ("post", "workouts/{workout_id}/split"),
        ("post", "workouts/merge"),
        ("get", "matches"),
        ("post", "matches/{match_id}/decision"),
    ):
        assert (method, f"/api/v1/{path}") in calls


def test_every_code_has_its_entry(live_run: LiveRun) -> None:
    codes = [one["code"] for one in live_run.ask("GET", "/api/v1/errors").json()["data"]]
    assert len(codes) == len(set(codes))
    assert {"not_found", "invalid_input", "rate_limited", "token_expired"} <= set(codes)


def test_sent_mail_is_shown(live_run: LiveRun, athlete: Athlete) -> None:
    until(lambda: len(live_run.mails(athlete.person.email)) == 2, MAIL_S)  # the code, and the welcome
    page = live_run.ask("GET", "/dev/mail")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert athlete.person.email in page.text


def test_an_unknown_address_below_api_is_a_problem(live_run: LiveRun) -> None:
    problem(live_run.ask("GET", "/api/v1/nothing-here"), 404, "not_found")
    problem(live_run.ask("GET", "/api/v2/workouts"), 404, "not_found")
