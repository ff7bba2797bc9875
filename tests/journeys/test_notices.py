"""Notices as somebody meets them: a bell that counts by itself, a page that is read, and choices that hold."""

import psycopg
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Resident
from tests.journeys.visit import Visit
from tests.live import LiveRun

pytestmark = pytest.mark.browser

WITHIN_MS = 60_000


def upload_nonsense(resident: Resident) -> None:
    """An upload that leaves something to be told."""
    file = ("files", ("notes.txt", b"no activity"))
    assert resident.client.post("/uploads", files=[file]).status_code == 202


def forget(live_run: LiveRun, resident: Resident) -> None:
    """Takes away what the sign-in on this new device has told."""
    with psycopg.connect(live_run.superuser_dsn, autocommit=True) as connection:
        connection.execute("DELETE FROM kernel.notices WHERE account_id = %s", (resident.account_id,))


def test_what_happens_is_told_read_and_chosen(visit: Visit, resident: Resident, live_run: LiveRun) -> None:
    page = visit.page
    visit.sign_in(resident.email, resident.password)
    page.get_by_role("link", name="Notices, 1 unread").click()
    expect(page.get_by_text("Somebody signed in to your account on a device")).to_be_visible()
    forget(live_run, resident)
    page.reload()
    expect(page.get_by_role("heading", name="No notices yet")).to_be_visible()
    visit.look("notices-empty")
    # Two come without a reload; the bell says so on every page.
    for unread in (1, 2):
        upload_nonsense(resident)
        expect(page.get_by_role("link", name=f"Notices, {unread} unread")).to_be_visible(timeout=WITHIN_MS)
    rows = page.get_by_role("list", name="Notices").get_by_role("listitem")
    expect(rows).to_have_count(2)
    visit.look("notices-unread")
    page.set_viewport_size({"width": 320, "height": 700})
    visit.check_width("notices on a small phone")
    page.set_viewport_size(visit.size)
    rows.first.get_by_role("button", name="Mark as read: Imports that need you").click()
    expect(page.get_by_role("link", name="Notices, 1 unread")).to_be_visible()
    rows.nth(1).get_by_role("link", name="Imports that need you").press("Enter")
    expect(page).to_have_url(f"{visit.url}/uploads")
    expect(page.get_by_role("link", name="Notices", exact=True)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.get_by_role("button", name="Unread", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing unread")).to_be_visible()
    page.get_by_role("link", name="Choose what you are told").click()
    security = page.get_by_role("group", name="Security of your account")
    expect(security.get_by_label("By mail")).to_be_disabled()
    imports = page.get_by_role("group", name="Imports that need you")
    imports.get_by_label("On the page").click()
    expect(imports.get_by_label("On the page")).not_to_be_checked()
    visit.look("notices-choices")
    page.reload()
    expect(imports.get_by_label("On the page")).not_to_be_checked()
