"""Set up on one device, gone on with on another, edited on both, and finished."""

from contextlib import AbstractContextManager

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import OpenVisit, Resident
from tests.journeys.test_phone import failing
from tests.journeys.visit import PHONE, Visit
from tests.live import LiveRun

pytestmark = pytest.mark.browser
PROGRESS = "/api/v1/onboarding/progress"
PREFERENCES = "/api/v1/preferences"
NARROWEST = 320


def test_from_a_first_question_to_the_end_on_two_devices(open_visit: OpenVisit, resident: Resident) -> None:
    desk = open_visit()
    begin(desk, resident)
    phone = open_visit(size=PHONE, phone=True)
    go_on_elsewhere(phone, resident)
    keep_mine(desk)
    finish(desk)
    phone.page.reload()
    expect(phone.page.get_by_role("heading", name="You are set up")).to_be_visible()
    expect(phone.page.get_by_role("link", name="Set up")).to_have_count(0)
    change_what_was_said(desk, phone, resident)


def begin(visit: Visit, resident: Resident) -> None:
    """The reminder leads to the questions; what is left out is named; what is typed is saved by itself."""
    page = visit.page
    visit.expect_status(PROGRESS, 422)
    visit.sign_in(resident.email, resident.password)
    expect(page.get_by_text("0 of 2 steps done")).to_be_visible()
    visit.look("onboarding-reminder")
    page.get_by_role("link", name="Finish setting up").click()
    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    expect(page.get_by_label("Home time zone")).to_have_value("Europe/Zurich")
    expect(page.get_by_role("link", name="Finish setting up")).to_have_count(0)
    visit.look("onboarding-questions")
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_text("This is still to be answered.")).to_have_count(2)
    expect(page.get_by_role("radio", name="Metric (km, m, °C)")).to_be_focused()
    visit.look("onboarding-refused")
    page.keyboard.press("Space")
    expect(page.get_by_text("This is still to be answered.")).to_have_count(1)
    page.get_by_role("checkbox", name="Cycling").check()
    expect(saved(page)).to_contain_text("Saving…")
    expect(saved(page)).to_contain_text("Saved")


def go_on_elsewhere(visit: Visit, resident: Resident) -> None:
    """Another device finds the answers, changes one, and gets as far as the terms."""
    page = visit.page
    visit.show("dark")
    visit.sign_in(resident.email, resident.password)
    page.get_by_role("link", name="Set up").tap()
    expect(page.get_by_role("radio", name="Metric (km, m, °C)")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Cycling")).to_be_checked()
    page.get_by_role("radio", name="Imperial (mi, ft, °F)").check()
    visit.look("onboarding-phone")
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    visit.check_width(f"onboarding at {NARROWEST} px")
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Continue", exact=True).tap()
    expect(page.get_by_role("heading", name="Terms", exact=True)).to_be_focused()
    visit.look("onboarding-phone-terms")
    page.get_by_role("checkbox", name="I have read the terms and accept them").check()
    page.get_by_role("button", name="Save and continue later").tap()
    expect(page).to_have_url(f"{visit.url}/today")
    expect(page.get_by_text("Saved. Go on whenever you like, on any device.")).to_be_visible()
    page.goto("/onboarding")
    expect(page.get_by_role("heading", name="Terms", exact=True)).to_be_visible()


def keep_mine(visit: Visit) -> None:
    """The first device still shows what it knew: its next change asks which answers count."""
    page = visit.page
    visit.expect_status(PROGRESS, 409)
    page.get_by_role("checkbox", name="Running").check()
    dialog = page.get_by_role("alertdialog", name="Edited on another device")
    expect(dialog).to_be_visible()
    rows = dialog.get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("Metric (km, m, °C)")
    expect(rows.nth(1)).to_contain_text("Imperial (mi, ft, °F)")
    expect(rows.nth(2)).to_contain_text("Cycling, Running")
    visit.look("onboarding-conflict")
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Keep mine").click()
    expect(dialog).to_have_count(0)
    expect(saved(page)).to_contain_text("Saved")
    page.reload()
    expect(page.get_by_role("checkbox", name="Running")).to_be_checked()
    expect(page.get_by_role("radio", name="Metric (km, m, °C)")).to_be_checked()


def finish(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_role("checkbox", name="I have read the terms and accept them")).to_be_checked()
    steps = page.get_by_role("navigation", name="Stages").get_by_role("button")
    expect(steps.nth(0)).to_contain_text("Done")
    expect(steps.nth(1)).to_have_attribute("aria-current", "step")
    visit.look("onboarding-terms")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="You are set up")).to_be_visible()
    visit.look("onboarding-completed")
    page.get_by_role("link", name="Go to workouts").click()
    expect(page.get_by_role("heading", name="Start with your recordings")).to_be_visible()
    expect(page.get_by_role("link", name="Finish setting up")).to_have_count(0)
    page.goto("/settings")
    expect(page.get_by_label("Home time zone", exact=True)).to_have_value("Europe/Zurich")


def change_what_was_said(desk: Visit, phone: Visit, resident: Resident) -> None:
    """In the settings, for every device: units and home. What can't be saved is taken back."""
    page = desk.page
    units = page.get_by_role("radio", name="Imperial (mi, ft, °F)")
    desk.expect_status(PREFERENCES, 500)
    with failing(page, f"**{PREFERENCES}"):
        units.click()
        expect(page.get_by_role("main").get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("radio", name="Metric (km, m, °C)")).to_be_checked()
    with saving(page):
        units.click()
    expect(page.get_by_role("main").get_by_role("alert")).to_have_count(0)
    with saving(page):
        page.get_by_label("Home time zone", exact=True).select_option("Asia/Tokyo")
    desk.look("settings")
    phone.page.goto("/settings")
    expect(phone.page.get_by_role("radio", name="Imperial (mi, ft, °F)")).to_be_checked()
    expect(phone.page.get_by_label("Home time zone", exact=True)).to_have_value("Asia/Tokyo")
    phone.look("settings-phone")
    with saving(phone.page):
        phone.page.get_by_label("Home time zone", exact=True).select_option("")
    page.reload()
    expect(page.get_by_label("Home time zone", exact=True)).to_have_value("")
    said = resident.client.get("/preferences").json()["data"]
    assert said == {"units": "imperial", "timezone": None, "organization_timezone": None}


def saving(page: Page) -> AbstractContextManager[object]:
    return page.expect_response(
        lambda answer: answer.request.method == "PUT" and answer.url.endswith(PREFERENCES)
    )


def test_the_reminder_can_be_hidden_and_theirs_can_be_taken(
    open_visit: OpenVisit, resident: Resident
) -> None:
    visit = open_visit()
    page = visit.page
    visit.expect_status(PROGRESS, 409)
    visit.sign_in(resident.email, resident.password)
    page.get_by_role("button", name="Hide until next time").click()
    expect(page.get_by_role("link", name="Finish setting up")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="Start with your recordings")).to_be_visible()
    expect(page.get_by_role("link", name="Finish setting up")).to_have_count(0)
    page.goto("/onboarding")
    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    elsewhere = {"stage": "personal_info", "values": {"units": "imperial"}, "version": 0}
    assert resident.client.put("/onboarding/progress", json=elsewhere).is_success
    page.get_by_role("radio", name="Metric (km, m, °C)").check()
    dialog = page.get_by_role("alertdialog", name="Edited on another device")
    dialog.get_by_role("button", name="Take theirs").click()
    expect(page.get_by_role("radio", name="Imperial (mi, ft, °F)")).to_be_checked()
    shown = resident.client.get("/onboarding/progress").json()["data"]
    assert shown["values"]["personal_info"] == {"units": "imperial"}


def test_a_coach_is_asked_about_work_and_again_when_terms_change(
    open_visit: OpenVisit, resident: Resident, live_run: LiveRun
) -> None:
    visit = open_visit()
    page = visit.page
    with psycopg.connect(live_run.superuser_dsn, autocommit=True) as database:
        database.execute("UPDATE kernel.accounts SET role = 'coach' WHERE id = %s", [resident.account_id])
        visit.sign_in(resident.email, resident.password, at="/onboarding")
        page.get_by_role("radio", name="Metric (km, m, °C)").check()
        page.get_by_role("button", name="Continue", exact=True).click()
        expect(page.get_by_role("heading", name="Your work as a coach")).to_be_focused()
        page.get_by_role("checkbox", name="Rowing").check()
        page.get_by_label("Years of coaching (optional)").fill("twelve 12")
        page.get_by_label("Qualifications (optional)").fill("B licence")
        visit.look("onboarding-coach")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Continue", exact=True).click()
        accept = page.get_by_role("checkbox", name="I have read the terms and accept them")
        accept.check()
        page.get_by_role("button", name="Finish").click()
        expect(page.get_by_role("heading", name="You are set up")).to_be_visible()
        database.execute(
            "UPDATE kernel.onboarding SET terms_version = '2020-01-01',"
            " answers = jsonb_set(answers, '{terms,version}', '\"2020-01-01\"') WHERE account_id = %s",
            [resident.account_id],
        )
    page.reload()
    expect(page.get_by_text("The terms have changed since you accepted those of 2020-01-01.")).to_be_visible()
    expect(accept).not_to_be_checked()
    visit.look("onboarding-new-terms")
    page.get_by_role("navigation", name="Stages").get_by_role("button", name="Your work as a coach").click()
    expect(page.get_by_label("Years of coaching (optional)")).to_have_value("12")
    expect(page.get_by_label("Qualifications (optional)")).to_have_value("B licence\n")
    page.get_by_role("navigation", name="Stages").get_by_role("button", name="Terms").click()
    accept.check()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="You are set up")).to_be_visible()


def saved(page: Page) -> Locator:
    """Where the page says whether what was typed is safe."""
    return page.get_by_role("form", name="About you").get_by_role("status")
