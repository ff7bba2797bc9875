"""On a phone and in the dark; and what a page says when the server fails it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import OpenVisit, Resident
from tests.journeys.recordings import three_devices
from tests.journeys.visit import PHONE, Visit

pytestmark = pytest.mark.browser
IMPORT_MS = 40_000
NARROWEST = 320
PLACES = ("/workouts", "/uploads", "/load", "/sources", "/duplicates", "/settings")


def test_every_page_fits_a_phone_in_the_dark(
    open_visit: OpenVisit, resident: Resident, tmp_path: Path
) -> None:
    visit = open_visit(size=PHONE, phone=True)
    page = visit.page
    visit.show("dark")
    visit.sign_in(resident.email, resident.password)
    visit.choose(page.get_by_role("button", name="Choose files").click, *three_devices(tmp_path))
    expect(page.get_by_text("Imported", exact=True)).to_have_count(3, timeout=IMPORT_MS)
    bar = page.get_by_role("navigation", name="Main")
    for place in PLACES:
        near = bar.locator(f'a[href="{place}"]')
        if near.count() == 0:
            bar.get_by_role("button", name="More").tap()
            near = page.get_by_role("menu").locator(f'a[href="{place}"]')
        near.tap()
        expect(page).to_have_url(f"{visit.url}{place}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("main [aria-busy=true]")).to_have_count(0)
        check_phone(visit, place.strip("/"))
    bar.locator('a[href="/workouts"]').tap()
    page.locator("[data-row-link]").first.tap()
    expect(page.locator("canvas").first).to_be_visible()
    check_phone(visit, "workout")


def check_phone(visit: Visit, name: str) -> None:
    """The bar is at the bottom, at every width nothing scrolls sideways, and axe has no complaint."""
    page = visit.page
    bar = page.get_by_role("navigation", name="Main").bounding_box()
    assert bar
    assert round(bar["y"] + bar["height"]) == PHONE["height"]
    visit.look(f"phone-{name}")
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    visit.check_width(f"{name} at {NARROWEST} px")
    page.set_viewport_size(PHONE)
    visit.show("dark")


def test_a_failing_server_is_told_and_asked_again(visit: Visit, resident: Resident) -> None:
    page = visit.page
    visit.sign_in(resident.email, resident.password)
    expect(page.get_by_role("heading", name="Start with your recordings")).to_be_visible()
    for place, asked in (("workouts", "workouts"), ("uploads", "uploads"), ("duplicates", "matches")):
        visit.expect_status(f"/api/v1/{asked}", 500)
        with failing(page, f"**/api/v1/{asked}?*"):
            page.goto(f"/{place}")
            expect(page.get_by_role("main").get_by_role("alert").first).to_be_visible(timeout=30_000)
            visit.look(f"{place}-failing")
        page.get_by_role("main").get_by_role("button", name="Try again").first.click()
        expect(page.get_by_role("main").get_by_role("alert")).to_have_count(0)
    visit.expect_status("/api/v1/workouts", 429)
    page.route("**/api/v1/workouts?*", ask_to_wait, times=1)
    page.goto("/workouts")
    expect(page.get_by_text("Too many requests")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("alert")).to_have_count(0)
    visit.expect_status("/api/v1/workouts/0198c0de-0000-7000-8000-000000000000", 404)
    page.goto("/workouts/0198c0de-0000-7000-8000-000000000000")
    expect(page.get_by_text("This is not here")).to_be_visible()
    visit.look("workout-gone")
    visit.expect_status("/no-such-page", 404)
    page.goto("/no-such-page")
    expect(page.get_by_text("There is no such page")).to_be_visible()
    visit.look("not-found")


@contextmanager
def failing(page: Page, pattern: str) -> Iterator[None]:
    """While it lasts, the server answers what matches the pattern with an error."""
    page.route(pattern, answer_with_error)
    yield
    page.unroute(pattern)


def ask_to_wait(route: Route) -> None:
    problem = {"type": "about:blank", "title": "Too many", "status": 429, "code": "rate_limited"}
    route.fulfill(status=429, json=problem, headers={"Retry-After": "4"})


def answer_with_error(route: Route) -> None:
    problem = {"type": "/docs/errors#internal_error", "title": "Something went wrong on our side."}
    route.fulfill(
        status=500,
        content_type="application/problem+json",
        body=json.dumps(problem | {"status": 500, "code": "internal_error", "request_id": "test"}),
    )
