"""Jobs as a member and as an operator see them: moving by themselves, failing with a reason, tried again."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import expect

from tests.generators.activities import START, activity
from tests.generators.fit import fit_file
from tests.journeys.conftest import OpenVisit, Resident
from tests.journeys.test_operator import set_up, setup_link
from tests.journeys.visit import Visit
from tests.live import LiveRun

__all__ = ["setup_link"]
pytestmark = pytest.mark.browser

WITHIN_MS = 60_000
REASON = "the files can be read by now"


@pytest.fixture
def owner(live_run: LiveRun) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(live_run.superuser_dsn, autocommit=True) as connection:
        yield connection


def upload(resident: Resident, seed: int) -> str:
    """An import over the API: its job's id."""
    file = ("files", ("ride.fit", fit_file(activity(seed=seed, start=START))))
    answer = resident.client.post("/uploads", files=[file])
    assert answer.status_code == 202, answer.text
    return str(answer.json()["data"]["job_id"])


def fail(owner: psycopg.Connection[Any], job_id: str) -> None:
    """As after all its attempts."""
    owner.execute(
        "UPDATE kernel.jobs SET state = 'failed', finished_at = now(), claimed_until = NULL,"
        """ error = '{"code": "time_limit_exceeded", "detail": "The job took longer than it may."}' WHERE id = %s""",
        (job_id,),
    )


def test_a_member_follows_a_job_and_tries_a_failed_one_again(
    visit: Visit, resident: Resident, owner: psycopg.Connection[Any]
) -> None:
    page = visit.page
    visit.sign_in(resident.email, resident.password, at="/jobs")
    expect(page.get_by_role("heading", name="No jobs yet")).to_be_visible()
    visit.look("jobs-empty")
    job_id = upload(resident, 71)
    row = page.get_by_role("list", name="Jobs").get_by_role("listitem")
    expect(row).to_have_count(1, timeout=WITHIN_MS)  # without a reload
    expect(row.get_by_text("Done", exact=True)).to_be_visible(timeout=WITHIN_MS)
    fail(owner, job_id)
    page.goto("/jobs?state=failed")
    expect(row.get_by_text("The job took longer than it may.")).to_be_visible()
    visit.look("jobs-failed")
    page.goto("/jobs")
    row.get_by_role("button", name="Try again: Import of files").click()
    expect(row.get_by_text("Done", exact=True)).to_be_visible(timeout=WITHIN_MS)
    page.get_by_role("button", name="Everyone").click()
    expect(page.get_by_role("table", name="Jobs").get_by_text("Robin Example")).to_be_visible()
    visit.look("jobs-everyone")


def test_an_operator_tries_dead_letters_again(
    open_visit: OpenVisit, resident: Resident, owner: psycopg.Connection[Any], setup_link: str
) -> None:
    job_id = upload(resident, 72)
    visit = open_visit()
    page = visit.page
    set_up(visit, setup_link)
    owner.execute("UPDATE kernel.jobs SET discarded_at = now() WHERE state = 'failed'")
    page.goto("/operator/dead-letters")
    expect(page.get_by_role("heading", name="No dead letters")).to_be_visible()
    fail(owner, job_id)
    row = (
        page.get_by_role("table", name="Dead letters by kind")
        .get_by_role("row")
        .filter(has_text="fitness.import")
    )
    expect(row).to_be_visible(timeout=WITHIN_MS)
    visit.look("operator-dead-letters")
    row.get_by_role("button", name="Try again… fitness.import").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill(REASON)
    dialog.get_by_role("button", name="Try again", exact=True).click()
    expect(page.get_by_role("heading", name="No dead letters")).to_be_visible(timeout=WITHIN_MS)
    page.get_by_role("link", name="Work", exact=True).click()
    expect(page.get_by_role("table", name="Workers").get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("table", name="By the clock").get_by_text("audit_heads")).to_be_visible()
    visit.look("operator-work")
