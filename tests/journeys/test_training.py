"""An athlete connects a source, and sees what comes of it."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Resident
from tests.journeys.visit import Visit
from tests.live import LiveRun, live_run
from tests.sandbox.served import Served, served

__all__ = ["live_run"]
"""The run as it is on a laptop: in production providers are asked by https alone."""

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

SYNC_MS = 40_000
ACTIVITIES = 12


@pytest.fixture
def sandbox(live_run: LiveRun) -> Iterator[Served]:
    """The providers, where the run looks for them."""
    with served(urlsplit(live_run.sandbox).port or 0) as found:
        yield found


def test_a_source_is_connected_and_its_training_understood(
    visit: Visit, resident: Resident, sandbox: Served
) -> None:
    page = visit.page
    athlete = sandbox.athlete(7, activities=ACTIVITIES, days=40)
    visit.goes_to(sandbox.url)
    visit.sign_in(resident.email, resident.password, at="/sources")
    expect(page.get_by_role("heading", name="Connect what records your training")).to_be_visible()
    visit.look("sources-empty")
    sandbox.control("PUT", "faults", {"strava": {"slow_s": 0.3}})
    page.get_by_role("button", name="Connect Strava").click()
    page.locator(f'input[value="{athlete["id"]}"]').check()
    page.locator('button[value="approve"]').click()
    strava = page.get_by_role("article", name="Strava")
    expect(page.get_by_text("Strava is connected")).to_be_visible()
    # How far the first sync is, without a reload.
    expect(strava.get_by_role("status")).to_have_text(
        re.compile(r"^[1-9]\d* workouts? so far$"), timeout=SYNC_MS
    )
    sandbox.control("DELETE", "faults")
    expect(strava.get_by_text("Up to date")).to_be_visible(timeout=SYNC_MS)
    expect(strava.get_by_text("Last synced just now")).to_be_visible()
    expect(strava.get_by_text("Workouts from here")).to_be_visible()
    strava.get_by_text("What Strava lets us do with it").click()
    expect(strava.get_by_text("It stays for 7 days")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    visit.look("sources-connected")
    strava.get_by_role("button", name="Disconnect Strava").click()
    asked = page.get_by_role("alertdialog")
    expect(
        asked.get_by_text(f"{ACTIVITIES} workouts that nothing else has recorded are deleted here.")
    ).to_be_visible()
    visit.look("sources-disconnect")
    asked.get_by_role("button", name="Cancel").click()
