"""The API's own pages: its documentation and the dictionary of errors."""

import pytest
from playwright.sync_api import expect

from tests.journeys.visit import Visit
from tests.live import LiveRun

pytestmark = pytest.mark.browser
STEP_PX, MOST_STEPS = 300, 500
AT_THE_END = "scrollY + innerHeight >= document.documentElement.scrollHeight - 1"


def test_the_documentation_shows_every_operation(visit: Visit, live_run: LiveRun) -> None:
    page = visit.page
    paths = live_run.ask("GET", "/openapi.json").json()["paths"].values()
    operations = sum(method in {"get", "post", "put", "patch", "delete"} for path in paths for method in path)
    answer = page.goto("/docs")
    assert answer
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
    expect(page).to_have_title("API · Rowhouse")
    expect(page.locator(".opblock").first).to_be_visible()
    # Only what is in sight is drawn, so the page is walked from end to end.
    seen: set[str] = set()
    login = page.locator("#operations-Kernel-login .opblock-summary-control")
    for _ in range(MOST_STEPS):
        seen |= set(page.locator(".opblock").evaluate_all("(all) => all.map((one) => one.id)"))
        if len(seen) == operations:
            break
        page.mouse.wheel(0, STEP_PX)
        page.wait_for_timeout(100)
        if page.evaluate(AT_THE_END):
            # What a busy machine had not drawn when it was passed is passed once more.
            page.evaluate("scrollTo(0, 0)")
    assert len(seen) == operations
    page.evaluate("scrollTo(0, 0)")
    for _ in range(MOST_STEPS):
        if login.count():
            break
        page.mouse.wheel(0, STEP_PX)
        page.wait_for_timeout(100)
    login.click()
    expect(page.locator("#operations-Kernel-login .opblock-description")).to_be_visible()
    for scheme in ("light", "dark"):
        visit.show(scheme)
        visit.picture(f"docs-{scheme}")
    colour: str = page.evaluate("getComputedStyle(document.querySelector('.swagger-ui')).backgroundColor")
    assert colour == "rgb(28, 32, 34)"


def test_every_error_code_has_its_place(visit: Visit, live_run: LiveRun) -> None:
    page = visit.page
    known = live_run.ask("GET", "/api/v1/errors").json()["data"]
    problem = live_run.ask("GET", "/api/v1/auth/me").json()
    page.goto(problem["type"])
    expect(page.locator("tbody tr")).to_have_count(len(known))
    for error in known:
        assert error["title"] in page.locator(f"#{error['code']}").inner_text()
    expect(page.locator(f"#{problem['code']}")).to_be_in_viewport()
    expect(page.locator("tr:target")).to_contain_text(problem["code"])
    visit.look("errors")
