"""An operator's console: set up, looked through, an organization suspended, and a look that changes nothing."""

import os
import re
import secrets
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from rowhouse.local.environment import ADMIN
from tests.conftest import PASSWORD
from tests.journeys.conftest import Resident
from tests.journeys.factors import App
from tests.journeys.visit import Visit
from tests.live import LiveRun
from tests.services import Services

pytestmark = pytest.mark.browser
REASON = "a member asked for help with an import"
PEOPLE = "Robin Example"


@pytest.fixture
def setup_link(live_run: LiveRun, services: Services) -> str:
    """What `rowhouse operator create` prints for somebody new."""
    email = f"{secrets.token_hex(6)}@example.org"
    admin = {ADMIN: services.dsn("app_admin", live_run.database)}
    done = subprocess.run(
        [sys.executable, "-m", "rowhouse.cli", "operator", "create", email, "--name", "Olive Operator"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **live_run.environment, **admin},
    )
    return done.stdout.strip().splitlines()[-1]


def test_an_operator_sets_up_suspends_and_looks_without_changing_anything(
    visit: Visit, resident: Resident, setup_link: str
) -> None:
    app = set_up(visit, setup_link)
    sign_in_again(visit, app)
    see_health(visit)
    find(visit, resident)
    suspend_and_resume(visit)
    look_around(visit, resident.organization_id)


def set_up(visit: Visit, link: str) -> App:
    page = visit.page
    page.goto(link)
    secret = page.get_by_role("textbox", name="Secret").input_value()
    assert "token" not in page.url
    visit.look("operator-set-up")
    app = App(secret)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Code of your authenticator app").fill(app.code())
    page.get_by_role("button", name="Set up and sign in").click()
    expect(page).to_have_url(f"{visit.url}/operator")
    expect(page.get_by_role("heading", name="Organizations").first).to_be_visible()
    return app


def sign_in_again(visit: Visit, app: App) -> None:
    page = visit.page
    email = page.get_by_role("banner").get_by_text("@example.org").inner_text()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{visit.url}/operator/sign-in")
    visit.expect_status("/api/v1/admin/auth/me", 401)
    page.goto("/operator")
    expect(page).to_have_url(f"{visit.url}/operator/sign-in")
    visit.look("operator-sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Code of your authenticator app").fill(app.code())
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{visit.url}/operator")


def see_health(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("link", name="Health").click()
    expect(page).to_have_url(f"{visit.url}/operator/health")
    parts = page.get_by_role("table", name="Health")
    expect(parts.get_by_role("row", name="PostgreSQL").get_by_text("Well")).to_be_visible()
    expect(page.get_by_text(re.compile("^As of "))).to_be_visible()
    figures = page.get_by_role("table", name="Figures")
    expect(figures.get_by_role("row", name="Active people: Day").get_by_text("since")).to_be_visible()
    visit.look("operator-health")
    page.get_by_role("link", name="Organizations").click()
    expect(page).to_have_url(f"{visit.url}/operator")


def find(visit: Visit, resident: Resident) -> None:
    page = visit.page
    expect(page.get_by_role("table", name="Organizations")).to_be_visible()
    visit.look("operator-organizations")
    page.get_by_role("searchbox", name="Name or id").fill("nobody-is-called-so")
    expect(page.get_by_role("heading", name="No organization matches")).to_be_visible()
    page.get_by_role("searchbox", name="Name or id").fill(resident.organization_id)
    expect(page.get_by_role("table", name="Organizations").get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name=PEOPLE).click()
    expect(page.get_by_role("table", name="Members").get_by_text(resident.email)).to_be_visible()
    visit.look("operator-organization")


def suspend_and_resume(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Suspend…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Suspend", exact=True).click()
    expect(dialog.get_by_text("Say it in at least 10 characters.")).to_be_visible()
    visit.look("operator-suspension")
    dialog.get_by_label("Reason").fill(REASON)
    dialog.get_by_role("button", name="Suspend", exact=True).click()
    page.get_by_role("button", name="Resume…").click()
    dialog.get_by_label("Reason").fill(REASON)
    dialog.get_by_role("button", name="Resume", exact=True).click()
    expect(page.get_by_role("button", name="Suspend…")).to_be_visible()


def look_around(visit: Visit, organization_id: str) -> None:
    """The app opens under a banner that stays, saves nothing, and leads back."""
    page = visit.page
    page.get_by_role("button", name=f"Look as {PEOPLE}").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill(REASON)
    dialog.get_by_role("button", name="Look", exact=True).click()
    expect(page).to_have_url(f"{visit.url}/today")
    banner = page.get_by_text(
        re.compile(rf"^You are looking as {PEOPLE} in .* . read-only . until \d\d:\d\d$")
    )
    expect(banner).to_be_visible()
    visit.look("operator-looking")
    page.goto("/organization/settings")
    expect(banner).to_be_visible()
    name = page.get_by_label("Name", exact=True)
    name.fill("Taken over")
    visit.expect_status(f"/api/v1/organizations/{organization_id}", 403)
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as answer:
        page.get_by_role("button", name="Save changes").click()
    assert answer.value.json()["code"] == "read_only"
    expect(page.get_by_text("You are only looking")).to_be_visible()
    visit.look("operator-looking-refused")
    page.get_by_role("button", name="End", exact=True).click()
    expect(page).to_have_url(re.compile(r"/operator/organizations/[0-9a-f-]+$"))
    expect(page.get_by_role("heading", name="Members")).to_be_visible()
    page.goto("/workouts")
    expect(page).to_have_url(re.compile("/sign-in"))
