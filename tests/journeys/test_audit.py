"""The audit console: searching, opening an entry, exporting, and having the chain recomputed."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Resident
from tests.journeys.test_phone import failing
from tests.journeys.visit import Visit

pytestmark = pytest.mark.browser
JOB_MS = 30_000
MANY = 130
MOST_TURNS = 200
NEW_NAME = "Otters on Audit"


def test_a_change_is_found_opened_exported_and_verified(visit: Visit, resident: Resident) -> None:
    page = visit.page
    path = f"/organizations/{resident.organization_id}"
    assert resident.client.patch(path, json={"name": NEW_NAME}).is_success
    visit.sign_in(resident.email, resident.password, at="/organization/audit")
    expect(page.get_by_role("table", name="Entries").get_by_role("row").nth(3)).to_be_visible()
    visit.look("audit")
    page.get_by_role("button", name="When").press("Enter")
    expect(page.get_by_role("columnheader", name="When")).to_have_attribute("aria-sort", "ascending")
    expect(page).to_have_url(re.compile("sort=at$"))
    page.get_by_role("button", name="When").press("Enter")
    expect(page.get_by_role("columnheader", name="When")).to_have_attribute("aria-sort", "descending")
    search_and_open(visit)
    export(visit)
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text(re.compile(r"^All [\d,]+ entries were whole"))).to_be_visible(timeout=JOB_MS)
    visit.look("audit-verified")


def search_and_open(visit: Visit) -> None:
    """By words, then by what stands in the address, to the change from the old name to the new."""
    page = visit.page
    page.get_by_role("searchbox", name="Search actions, names and ids").fill("organizations.update")
    expect(page).to_have_url(re.compile("q=organizations.update"))
    page.get_by_role("combobox", name="Who").select_option(label="Robin Example")
    expect(page).to_have_url(re.compile("actor="))
    page.reload()
    expect(page.get_by_role("button", name="Remove filter Who: Robin Example")).to_be_visible()
    page.get_by_role("button", name="Open entry: Organizations changed").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("row").filter(has_text="name").first).to_contain_text(NEW_NAME)
    visit.look("audit-entry")
    page.keyboard.press("Escape")
    page.get_by_role("searchbox").first.fill("nothing-is-called-so")
    expect(page.get_by_role("heading", name="No entry matches")).to_be_visible()
    visit.look("audit-nothing")
    page.get_by_role("main").get_by_role("button", name="Clear filters").last.click()
    expect(page.get_by_role("heading", name="No entry matches")).to_have_count(0)
    expect(page).to_have_url(f"{visit.url}/organization/audit")


def export(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Export…").click()
    dialog = page.get_by_role("dialog", name="Export entries")
    dialog.get_by_text("CSV (for spreadsheets)").click()
    dialog.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download(timeout=JOB_MS) as download:
        dialog.get_by_role("link", name="Download").click(timeout=JOB_MS)
    assert NEW_NAME in download.value.path().read_text(encoding="utf-8")
    visit.look("audit-export")
    page.keyboard.press("Escape")


def test_a_long_log_comes_page_after_page_and_only_what_is_seen_is_drawn(
    visit: Visit, resident: Resident
) -> None:
    page = visit.page
    path = f"/organizations/{resident.organization_id}"
    for number in range(MANY):
        assert resident.client.patch(path, json={"name": f"Otters {number}"}).is_success
    visit.sign_in(
        resident.email,
        resident.password,
        at="/organization/audit?action=kernel.organizations.update&q=organizations",
    )
    rows = page.get_by_role("table", name="Entries").get_by_role("row")
    expect(rows.nth(3)).to_be_visible()
    first = rows.nth(1).get_by_role("button")
    first.focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(2).get_by_role("button")).to_be_focused()
    end = page.get_by_text("That is all.")
    for _ in range(MOST_TURNS):
        if end.is_visible():
            break
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(100)
    expect(end).to_be_visible()
    # And the one by which it became active.
    expect(page.get_by_text(f"{MANY + 1} entries")).to_have_count(1)
    assert rows.count() < MANY / 2


def test_a_failing_log_is_told_and_asked_again(visit: Visit, resident: Resident) -> None:
    page = visit.page
    visit.sign_in(resident.email, resident.password)
    visit.expect_status("/api/v1/audit", 500)
    with failing(page, "**/api/v1/audit?*"):
        page.goto("/organization/audit")
        expect(page.get_by_role("main").get_by_role("alert").first).to_be_visible(timeout=30_000)
        visit.look("audit-failing")
    page.get_by_role("main").get_by_role("button", name="Try again").first.click()
    expect(page.get_by_role("table", name="Entries")).to_be_visible()
