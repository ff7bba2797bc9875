"""Signing in, staying signed in, and leaving."""

import pytest
from playwright.sync_api import Route, expect

from rowhouse.kernel.identity.devices_cookie import DEVICE_COOKIE
from tests.journeys.conftest import Resident
from tests.journeys.visit import Visit

pytestmark = pytest.mark.browser
LOGIN = "/api/v1/auth/login"
ACCESS = "__Host-rowhouse_access"


def test_a_wrong_password_is_told_and_a_session_lasts_until_its_end(visit: Visit, resident: Resident) -> None:
    page = visit.page
    visit.expect_status(LOGIN, 401)
    page.goto("/uploads")
    expect(page).to_have_url(f"{visit.url}/sign-in?next=%2Fuploads")
    visit.look("sign-in")
    page.get_by_label("Email").fill(resident.email)
    page.get_by_label("Password", exact=True).fill("not-my-password-at-all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Email or password is wrong.")).to_be_visible()
    visit.look("sign-in-refused")
    page.get_by_label("Password", exact=True).fill(resident.password)
    expect(page.get_by_role("checkbox", name="Stay signed in on this device")).to_be_checked()
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{visit.url}/uploads")
    page.reload()
    expect(page.get_by_text("Nothing uploaded yet.")).to_be_visible()
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    left = {cookie.get("name", "") for cookie in visit.context.cookies()}
    assert {name for name in left if "rowhouse" in name} <= {DEVICE_COOKIE}, "more than who this browser is"
    page.goto("/uploads")
    expect(page).to_have_url(f"{visit.url}/sign-in?next=%2Fuploads")


def test_an_expired_access_cookie_is_renewed_without_a_word(visit: Visit, resident: Resident) -> None:
    page = visit.page
    visit.sign_in(resident.email, resident.password)
    expect(page.get_by_role("heading", name="Start with your recordings")).to_be_visible()
    visit.context.clear_cookies(name=ACCESS)
    for asked in ("me", "csrf-token"):
        visit.expect_status(f"/api/v1/auth/{asked}", 401)
    frame = ("onboarding/progress", "preferences", "notices/unread", "live")
    for asked in ("workouts", "matches", "uploads", *frame):
        visit.expect_status(f"/api/v1/{asked}", 401)
    page.get_by_role("navigation").get_by_role("link", name="Uploads").click()
    expect(page.get_by_text("Nothing uploaded yet.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Nothing uploaded yet.")).to_be_visible()
    assert [cookie for cookie in visit.context.cookies() if cookie.get("name") == ACCESS]
    renewals = [url for url in visit.requests if url.endswith("/auth/refresh")]
    # Once for all who wait, and for who hears of the end only after that.
    assert len(renewals) == 1, renewals


def test_signing_out_asks_for_nothing_else_and_says_when_it_did_not_work(
    visit: Visit, resident: Resident
) -> None:
    page = visit.page
    visit.expect_status("/api/v1/auth/logout", 503)
    visit.sign_in(resident.email, resident.password, at="/uploads")
    expect(page.get_by_text("Nothing uploaded yet.")).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/uploads?**", hold)
    page.reload()
    expect(page.get_by_role("button", name="Account")).to_be_visible()
    page.route("**/api/v1/auth/logout", lambda route: route.fulfill(status=503), times=1)
    sign_out(visit)
    expect(page.get_by_text("You are still signed in")).to_be_visible()
    page.unroute("**/api/v1/uploads?**")
    assert held
    expect(page.get_by_text("Nothing uploaded yet.")).to_be_visible()
    sign_out(visit)
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert not [url for url in visit.requests if url.endswith("/auth/refresh")]


def sign_out(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Account").click()
    visit.page.get_by_role("menuitem", name="Sign out").click()
