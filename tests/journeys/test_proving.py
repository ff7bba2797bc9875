"""Proving oneself where an unusual sign-in is asked to, and the link that restores an organization."""

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Resident
from tests.journeys.factors import (
    grow_stale,
    mailed_code,
    newest_link,
    type_code,
)
from tests.journeys.visit import Visit
from tests.live import LiveRun, until

pytestmark = pytest.mark.browser
AUTH = "/api/v1/auth"
NEW_PASSWORD = "slow-herons-borrow-violet-ladders"


def asked(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Is it you?")


def test_an_unusual_sign_in_proves_itself_and_what_they_began_goes_on(
    visit: Visit, resident: Resident, live_run: LiveRun
) -> None:
    page, mine = visit.page, resident.email
    visit.sign_in(mine, resident.password)
    grow_stale(live_run, mine, unusual=True)
    page.goto("/organization/members")
    organization = resident.organization_id
    visit.expect_status(f"/api/v1/organizations/{organization}/invitations", 403)
    page.get_by_role("main").get_by_role("button", name="Invite people").first.click()
    inviting = page.get_by_role("dialog", name="Invite people")
    inviting.get_by_label("Email addresses").fill(f"guest-of-{mine}")
    inviting.get_by_role("button", name="Send invitation").click()
    code = mailed_code(live_run, mine, asked(page).get_by_role("button", name="Mail me a code").click)
    type_code(page, code)
    expect(page.get_by_text("1 invitation sent.")).to_be_visible()
    assert len(live_run.mails(f"guest-of-{mine}")) <= 1

    grow_stale(live_run, mine, unusual=True)
    page.goto("/settings/security")
    theirs = resident.client.get("/auth/sessions").json()["data"]
    (other,) = [one["id"] for one in theirs if one["current"]]
    visit.expect_status(f"{AUTH}/sessions/{other}", 403)
    page.get_by_role("button", name="End the session of A Python program").click()
    expect(asked(page).get_by_label("Your password")).to_be_focused()
    page.keyboard.press("Escape")
    expect(asked(page)).to_be_hidden()
    assert resident.client.get("/auth/me").is_success
    page.get_by_role("button", name="End the session of A Python program").click()
    prove_by_password(page, resident.password)
    expect(page.get_by_text("A Python program is signed out.")).to_be_visible()
    assert resident.client.get("/auth/me").status_code == httpx.codes.UNAUTHORIZED

    grow_stale(live_run, mine, unusual=True)
    visit.expect_status(f"{AUTH}/password/change", 403)
    page.get_by_role("button", name="Change password").click()
    changing = page.get_by_role("dialog", name="Change password")
    changing.get_by_label("Present password").fill(resident.password)
    changing.get_by_label("New password").fill(NEW_PASSWORD)
    changing.get_by_role("button", name="Change password").click()
    prove_by_password(page, resident.password)
    expect(page.get_by_text("Password changed.")).to_be_visible()


def prove_by_password(page: Page, password: str) -> None:
    asked(page).get_by_label("Your password").fill(password)
    page.keyboard.press("Enter")
    expect(asked(page)).to_be_hidden()


def test_a_deleted_organization_is_restored_by_its_link(
    visit: Visit, resident: Resident, live_run: LiveRun
) -> None:
    ours = resident.client
    team = ours.post("/organizations", json={"name": "Otters"}).json()["data"]
    path = f"/organizations/{team.get('id') or team['organization_id']}"
    known = len(live_run.mails(resident.email))
    assert ours.request("DELETE", path, json={"confirm": "Otters"}).is_success
    link = newest_link(live_run, resident.email, "/restore", after=known)
    page = visit.page
    page.goto(link)
    restore = page.get_by_role("button", name="Restore it")
    expect(restore).to_be_enabled()
    assert page.url == f"{visit.url}/restore", "the token stays in the address"
    assert ours.get(path).status_code == httpx.codes.NOT_FOUND
    visit.look("restore")
    restore.click()
    expect(page.get_by_role("heading", name="It is restored")).to_be_visible()
    visit.look("restored")
    until(lambda: ours.get(path).is_success, 30)
    visit.expect_status("/api/v1/organizations/restore", 404)
    page.goto("about:blank")
    page.goto(link)
    restore.click()
    expect(page.get_by_role("heading", name="This link restores nothing any more")).to_be_visible()
    visit.look("restore-used")
