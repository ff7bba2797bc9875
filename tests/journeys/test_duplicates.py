"""Pairs that may be one workout: the person decides."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.generators.activities import START
from tests.journeys.conftest import Resident
from tests.journeys.recordings import alike
from tests.journeys.visit import Visit

pytestmark = pytest.mark.browser
IMPORT_MS = 40_000


def test_one_pair_is_kept_apart_and_the_other_combined(
    visit: Visit, resident: Resident, tmp_path: Path
) -> None:
    page = visit.page
    files = (*alike(tmp_path), *alike(tmp_path, START + timedelta(days=1)))
    visit.sign_in(resident.email, resident.password)
    visit.choose(page.get_by_role("button", name="Choose files").click, *files)
    expect(page.get_by_text("Imported", exact=True)).to_have_count(4, timeout=IMPORT_MS)
    page.get_by_role("navigation").get_by_role("link", name="Possible duplicates").click()
    questions = page.get_by_role("article")
    expect(questions).to_have_count(2)
    expect(questions.first.get_by_text("Why we ask")).to_be_visible()
    visit.look("duplicates-open")
    questions.first.get_by_role("button", name="Different").click()
    expect(page.get_by_text("Kept apart. We")).to_be_visible()
    expect(questions).to_have_count(1)
    questions.first.get_by_role("button", name="Same workout").click()
    expect(page.get_by_text("Combined into one workout.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing to decide")).to_be_visible()
    for state in ("same", "different"):
        page.goto(f"/duplicates?state={state}")
        expect(questions).to_have_count(1)
        visit.look(f"duplicates-{state}")
    page.goto("/workouts")
    expect(page.locator("[data-row-link]")).to_have_count(3)
