"""The security page: what it shows, what it changes, and the proof that it asks for first."""

import json

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import OpenVisit, Resident
from tests.journeys.factors import App, grow_stale, mailed_code, type_code
from tests.journeys.visit import PHONE, Visit
from tests.live import LiveRun

pytestmark = pytest.mark.browser
AUTH = "/api/v1/auth"
PLACE = "/settings/security"
NEW_PASSWORD = "slow-herons-borrow-violet-ladders"


def open_page(visit: Visit, resident: Resident) -> Page:
    visit.sign_in(resident.email, resident.password, at=PLACE)
    expect(visit.page.get_by_text("No passkeys yet")).to_be_visible()
    return visit.page


def test_sessions_are_shown_and_ended(visit: Visit, resident: Resident, live_run: LiveRun) -> None:
    page = open_page(visit, resident)
    sessions = page.get_by_role("region", name="Where you are signed in").get_by_role("listitem")
    expect(sessions.first).to_contain_text("Chrome on Linux")
    expect(sessions.first).to_contain_text("This one")
    expect(sessions.first).to_contain_text("127.0.0.1")
    page.get_by_role("button", name="End the session of A Python program").click()
    expect(page.get_by_text("A Python program is signed out.")).to_be_visible()
    expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()
    assert resident.client.get("/auth/me").status_code == httpx.codes.UNAUTHORIZED
    with live_run.client("/api/v1") as other:
        given = {"email": resident.email, "password": resident.password}
        token = other.post("/auth/login", json=given).json()["data"]["access_token"]
        other.headers["Authorization"] = f"Bearer {token}"
        page.reload()
        page.get_by_role("button", name="End all others").click()
        asked = page.get_by_role("alertdialog", name="End all other sessions?")
        expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
        visit.look("sessions-end-others")
        asked.get_by_role("button", name="End all others").click()
        expect(page.get_by_text("All other sessions are ended.")).to_be_visible()
        assert other.get("/auth/me").status_code == httpx.codes.UNAUTHORIZED
    page.reload()
    expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()


def test_an_old_proof_is_renewed_by_the_password(visit: Visit, resident: Resident, live_run: LiveRun) -> None:
    page = open_page(visit, resident)
    visit.expect_status(f"{AUTH}/mfa/totp", 403)
    visit.expect_status(f"{AUTH}/step-up", 401)
    grow_stale(live_run, resident.email)
    set_up, asked = page.get_by_role("button", name="Set up"), page.get_by_role("dialog", name="Is it you?")
    set_up.click()
    expect(asked.get_by_label("Your password")).to_be_focused()
    visit.look("step-up-password")
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    expect(page.get_by_text("Nothing was changed")).to_be_visible()
    set_up.click()
    asked.get_by_label("Your password").fill("not-my-password-at-all")
    asked.get_by_role("button", name="Confirm").click()
    expect(asked.get_by_text("This does not prove that it is you.")).to_be_visible()
    asked.get_by_label("Your password").fill(resident.password)
    page.keyboard.press("Enter")
    app_dialog = page.get_by_role("dialog", name="Set up an authenticator app")
    expect(app_dialog.get_by_role("img", name="QR code")).to_be_visible()
    page.keyboard.press("Escape")
    expect(app_dialog).to_be_hidden()
    expect(set_up).to_be_focused()


def test_an_unusual_sign_in_is_proved_by_mail_above_what_was_open(
    visit: Visit, resident: Resident, live_run: LiveRun
) -> None:
    page = open_page(visit, resident)
    visit.expect_status(f"{AUTH}/email", 403)
    visit.expect_status(f"{AUTH}/email/verify", 401)
    grow_stale(live_run, resident.email, unusual=True)
    email = f"new-{resident.email}"
    change, asked = (
        page.get_by_role("dialog", name="Change email"),
        page.get_by_role("dialog", name="Is it you?"),
    )
    page.get_by_role("button", name="Change email").click()
    change.get_by_label("New email").fill(email)
    change.get_by_role("button", name="Send a code").click()
    expect(asked).to_be_visible()
    visit.look("step-up-above")
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    expect(change.get_by_text("Nothing was changed")).to_be_visible()
    change.get_by_role("button", name="Send a code").click()
    code = mailed_code(live_run, resident.email, asked.get_by_role("button", name="Mail me a code").click)
    expect(asked.get_by_text("A six-digit code is on its way")).to_be_visible()
    visit.look("step-up-mail")
    type_code(page, code)
    expect(asked).to_be_hidden()
    expect(change.get_by_text(f"If {email} is free to use")).to_be_visible()
    visit.look("email-code")
    type_code(page, "000000")
    expect(change.get_by_text("This code is wrong or has expired.")).to_be_visible()
    type_code(page, live_run.newest_code(email))
    expect(page.get_by_text(f"Your email is now {email}.")).to_be_visible()
    expect(page.get_by_role("region", name="Email and password")).to_contain_text(email)
    expect(page.get_by_role("region", name="Recent events")).to_contain_text("Email changed")


def test_the_password_is_changed(visit: Visit, resident: Resident) -> None:
    page = open_page(visit, resident)
    visit.expect_status(f"{AUTH}/password/change", 401)
    visit.expect_status(f"{AUTH}/password/change", 422)
    page.get_by_role("button", name="Change password").click()
    dialog = page.get_by_role("dialog", name="Change password")
    tries = (
        ("not-my-password-at-all", NEW_PASSWORD, "This is not your present password."),
        (resident.password, "short", "Use at least 12 characters."),
        (resident.password, resident.password, "Choose one that you have not used before."),
    )
    for old, new, said in tries:
        dialog.get_by_label("Present password").fill(old)
        dialog.get_by_label("New password").fill(new)
        dialog.get_by_role("button", name="Change password").click()
        expect(dialog.get_by_text(said)).to_be_visible()
    visit.look("password-refused")
    dialog.get_by_label("New password").fill(NEW_PASSWORD)
    dialog.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Password changed.", exact=False).first).to_be_visible()
    expect(dialog).to_be_hidden()
    page.reload()
    expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()
    expect(page.get_by_role("region", name="Recent events")).to_contain_text("Password changed")
    visit.look("security-full")


def test_the_app_is_turned_off_and_codes_are_made_anew(visit: Visit, resident: Resident) -> None:
    page = open_page(visit, resident)
    page.get_by_role("button", name="Set up").click()
    app = App(page.get_by_role("dialog").locator("code").inner_text())
    type_code(page, app.code())
    kept = page.get_by_role("button", name="I have kept them")
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    first = codes.all_inner_texts()
    kept.click()
    page.get_by_role("button", name="Make new codes").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Make new codes").click()
    expect(codes).to_have_count(10)
    assert not set(first) & set(codes.all_inner_texts())
    kept.click()
    visit.look("security-two-step")
    page.get_by_role("button", name="Turn off").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Turn off").click()
    expect(page.get_by_role("button", name="Set up")).to_be_visible()
    expect(page.get_by_text("You get ten when you set up")).to_be_visible()


def test_whoever_is_asked_for_two_steps_is_led_here_and_back(visit: Visit, resident: Resident) -> None:
    page = visit.page
    visit.sign_in(resident.email, resident.password)
    expect(page.get_by_role("heading", name="Start with your recordings")).to_be_visible()
    visit.expect_status("/api/v1/workouts", 403)
    page.route("**/api/v1/workouts?*", demand)
    page.goto("/workouts?sport=run")
    expect(page.get_by_text("Your organization asks for two-step sign-in. Set up")).to_be_visible()
    visit.look("security-demanded")
    page.unroute("**/api/v1/workouts?*", demand)
    page.get_by_role("button", name="Set up").click()
    type_code(page, App(page.get_by_role("dialog").locator("code").inner_text()).code())
    page.get_by_role("button", name="I have kept them").click()
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(f"{visit.url}/workouts?sport=run")


def demand(route: Route) -> None:
    problem = {"type": "about:blank", "title": "Set up", "status": 403, "code": "mfa_enrolment_required"}
    route.fulfill(status=403, body=json.dumps(problem), content_type="application/problem+json")


def test_what_could_not_be_loaded_is_said_and_tried_again(visit: Visit, resident: Resident) -> None:
    page = visit.page
    visit.sign_in(resident.email, resident.password)
    parts = ("mfa", "passkeys", "sessions", "identities", "security-events")
    for part in parts:
        visit.expect_status(f"{AUTH}/{part}", 500)
        page.route(f"**{AUTH}/{part}*", lambda route: route.fulfill(status=500, json={}))
    page.goto(PLACE)
    again = page.get_by_role("button", name="Try again")
    expect(again).to_have_count(len(parts))
    visit.look("security-failing")
    page.unroute_all()
    for left in reversed(range(len(parts))):
        again.first.click()
        expect(again).to_have_count(left)
    expect(page.get_by_text("No passkeys yet")).to_be_visible()


def test_it_fits_a_phone(open_visit: OpenVisit, resident: Resident) -> None:
    visit = open_visit(size=PHONE, phone=True)
    page = open_page(visit, resident)
    page.get_by_role("button", name="Set up").tap()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    visit.look("phone-totp")
    page.get_by_role("button", name="Cancel").tap()
    page.set_viewport_size({"width": 320, "height": 640})
    visit.check_width("security at 320 px")
    visit.picture("security-320")
