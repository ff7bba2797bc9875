"""From signing up to a workout that three devices recorded, apart and together again."""

import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import PASSWORD
from tests.journeys.recordings import saved, three_devices
from tests.journeys.visit import Visit
from tests.live import LiveRun

pytestmark = pytest.mark.browser
IMPORT_MS = 40_000


def test_from_sign_up_to_a_workout_of_three_devices(visit: Visit, live_run: LiveRun, tmp_path: Path) -> None:
    page = visit.page
    head_unit, watch, phone = three_devices(tmp_path)
    sign_up(visit, live_run)
    upload(visit, head_unit, watch, phone, saved(tmp_path / "broken.fit", b"no activity at all"))
    expect_rows(page, 1)
    visit.look("workouts-one")
    page.locator("[data-row-link]").click()
    see_workout(visit, head_unit)
    split_and_combine(visit)


def sign_up(visit: Visit, live_run: LiveRun) -> None:
    """Ends where the new person is told what to do."""
    page, email = visit.page, f"{secrets.token_hex(6)}@example.org"
    page.goto("/")
    expect(page).to_have_url(f"{visit.url}/sign-in")
    page.get_by_role("link", name="Create account").click()
    page.get_by_label("Name").fill("Ada Example")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("Use at least 12 characters.")).to_be_visible()
    visit.look("sign-up-refused")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    visit.look("verify-email")
    page.get_by_role("textbox", name="Six-digit code").click()
    page.keyboard.type(live_run.newest_code(email))
    expect(page).to_have_url(f"{visit.url}/today")
    expect(page.get_by_role("link", name="Connect a source")).to_be_visible()
    visit.look("today-empty")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Workouts").click()
    expect(page.get_by_role("heading", name="Start with your recordings")).to_be_visible()
    expect(page.get_by_role("button", name="Choose files")).to_be_visible()
    expect(page.get_by_text("Where to find your files")).to_be_visible()
    visit.look("workouts-empty")
    for place in ("uploads", "duplicates"):
        page.goto(f"/{place}")
        expect(
            page.get_by_text("Nothing uploaded yet." if place == "uploads" else "Nothing to decide")
        ).to_be_visible()
        visit.look(f"{place}-empty")
    page.goto("/workouts")


def upload(visit: Visit, head_unit: Path, watch: Path, phone: Path, broken: Path) -> None:
    """Chooses some files, drops the others, and reads what became of each."""
    page = visit.page
    visit.choose(page.get_by_role("button", name="Choose files").click, head_unit, broken)
    expect(page).to_have_url(f"{visit.url}/uploads")
    visit.drop(watch, phone)
    # That what was dropped comes above the rest is no surprise; a browser doesn't count a drop as somebody's doing.
    expect(row_of(page, watch)).to_be_visible()
    visit.forget_shifts()
    for file in (head_unit, watch, phone):
        expect(row_of(page, file)).to_contain_text("Imported", timeout=IMPORT_MS)
        expect(row_of(page, file).get_by_role("link", name="View workout")).to_be_visible()
    refused = row_of(page, broken)
    expect(refused.get_by_role("button", name="Try again")).to_be_visible(timeout=IMPORT_MS)
    reason = refused.locator("p").nth(1).inner_text()
    assert len(reason.split()) > 3, f"no reason given: {reason!r}"
    visit.look("uploads-done")
    page.get_by_role("navigation").get_by_role("link", name="Workouts").click()


def row_of(page: Page, file: Path) -> Locator:
    return page.get_by_role("listitem").filter(has_text=file.name)


def expect_rows(page: Page, count: int) -> None:
    expect(page.locator("[data-row-link]")).to_have_count(count)


def see_workout(visit: Visit, head_unit: Path) -> None:
    page = visit.page
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    charts = page.locator("canvas")
    expect(charts.nth(3)).to_be_visible()
    for chart in charts.all():
        assert chart.get_attribute("role") == "img"
        assert (chart.get_attribute("aria-label") or "").endswith(".")
    expect(page.get_by_role("img", name="Track of the workout")).to_be_visible()
    visit.look("workout")
    see_provenance(page)
    visit.look("workout-provenance")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show as table").click()
    expect(page.get_by_role("group", name="Curves").get_by_role("row").nth(5)).to_be_visible()
    visit.look("workout-values")
    with page.expect_download() as download:
        page.get_by_role("link", name=head_unit.name).click()
    assert download.value.suggested_filename == head_unit.name
    assert download.value.path().read_bytes() == head_unit.read_bytes()


def see_provenance(page: Page) -> None:
    """The source of a figure, why it was chosen, and what lost to it."""
    page.get_by_role("region", name="Key figures").get_by_role("button", name="Average heart rate").click()
    card = page.get_by_role("dialog", name="Where “Average heart rate” comes from")
    expect(card.get_by_role("term").filter(has_text="Source")).to_be_visible()
    expect(card.get_by_role("term").filter(has_text="Rule")).to_be_visible()
    lost = card.locator("li")
    expect(lost.first).to_contain_text("bpm")
    assert lost.count() == 2


def split_and_combine(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Split into its recordings").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Split").click()
    expect(page.get_by_text("Split into 3 workouts.")).to_be_visible()
    expect_rows(page, 3)
    for box in page.get_by_role("table").get_by_role("checkbox").all():
        box.click()
    visit.look("workouts-selected")
    page.get_by_role("region", name="3 selected").get_by_role("button", name="Combine").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Combine").click()
    expect(page.get_by_text("Combined into one workout.")).to_be_visible()
    page.get_by_role("link", name="All workouts").click()
    expect_rows(page, 1)
