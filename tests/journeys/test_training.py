"""An athlete connects a source, and sees what comes of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from rowhouse.kit.time import now
from rowhouse.local.sandbox import HOOK_PATH, subscribe
from tests.journeys.conftest import Resident
from tests.journeys.recordings import nights
from tests.journeys.visit import Visit
from tests.live import LiveRun, until
from tests.sandbox.served import Served, served

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

SYNC_MS = 40_000
ACTIVITIES = 12
RIDE = "Home along the canal"


@pytest.fixture
def sandbox(live_run: LiveRun) -> Iterator[Served]:
    """The providers, where the run looks for them, told where it hears them."""
    with served(urlsplit(live_run.sandbox).port or 0) as found:
        subscribe(found.url, HOOK_PATH, live_run.api)
        yield found


def test_a_source_is_connected_and_its_training_understood(
    visit: Visit, resident: Resident, live_run: LiveRun, sandbox: Served
) -> None:
    visit.goes_to(live_run.providers)
    visit.sign_in(resident.email, resident.password, at="/biometrics")
    expect(visit.page.get_by_role("heading", name="Nothing about sleep and body yet")).to_be_visible()
    visit.page.get_by_role("link", name="Connect a source").click()
    athlete = sandbox.athlete(7, activities=ACTIVITIES, days=40)
    connect(visit, sandbox, athlete)
    judge(visit)
    sleep(resident)
    look_back(visit)
    stand_today(visit)
    take_away(visit)
    put_in_order(visit)
    grow_and_part(visit, resident, sandbox, athlete)


def connect(visit: Visit, sandbox: Served, athlete: dict[str, Any]) -> None:
    """Allows it on the provider's own page, and sees the first sync to its end; then what would go with it."""
    page = visit.page
    expect(page.get_by_role("heading", name="Connect what records your training")).to_be_visible()
    visit.look("sources-empty")
    sandbox.control("PUT", "faults", {"strava": {"slow_s": 1.5, "paths": "athlete/activities"}})
    page.get_by_role("button", name="Connect Strava").click()
    page.locator(f'input[value="{athlete["id"]}"]').check()
    page.locator('button[value="approve"]').click()
    strava = page.get_by_role("article", name="Strava")
    expect(page.get_by_text("Strava is connected")).to_be_visible()
    expect(strava.get_by_role("status")).to_have_text(re.compile(r"^\d+ workouts? so far$"))
    sandbox.control("DELETE", "faults")
    # Without a reload.
    expect(strava.get_by_text("Up to date")).to_be_visible(timeout=SYNC_MS)
    expect(strava.get_by_text("Last synced just now")).to_be_visible()
    expect(strava.get_by_text("Workouts from here")).to_be_visible()
    strava.get_by_text("What Strava lets us do with it").click()
    expect(strava.get_by_text("It stays for 7 days at most")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    visit.look("sources-connected")
    strava.get_by_role("button", name="Disconnect Strava").click()
    asked = page.get_by_role("alertdialog")
    expect(
        asked.get_by_text(f"{ACTIVITIES} workouts that nothing else has recorded are deleted here.")
    ).to_be_visible()
    asked.get_by_role("button", name="Cancel").click()


def judge(visit: Visit) -> None:
    """Says what is hard for them, and accepts what their efforts say."""
    page = visit.page
    page.get_by_role("navigation").get_by_role("link", name="Load", exact=True).click()
    page.get_by_role("link", name="Set thresholds").click()
    set_threshold(page, "Threshold power", "200")
    set_threshold(page, "Highest heart rate", "150")
    set_threshold(page, "Resting heart rate", "45")
    page.get_by_role("button", name="Set: Sex").click()
    page.get_by_role("dialog").get_by_text("Female", exact=True).click()
    page.get_by_role("button", name="Save").click()
    proposal = page.get_by_role("listitem").filter(has_text="Highest heart rate: ")
    expect(proposal).to_contain_text("instead of 150")
    visit.look("thresholds")
    proposal.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("row", name="A proposal you accepted")).to_be_visible()
    power = page.get_by_role("region", name="Power of rides")
    power.get_by_role("button", name="Set my own").click()
    zones = page.get_by_role("dialog", name="Set: Power zones")
    zones.get_by_role("textbox", name="Zone 3").fill("100")
    zones.get_by_role("button", name="Save").click()
    expect(zones.get_by_text("Write a power above that of the zone before.")).to_be_visible()
    visit.look("zones")
    zones.get_by_role("textbox", name="Zone 3").fill("160")
    zones.get_by_role("button", name="Save").click()
    expect(power).to_contain_text("160\u00a0W to 180\u00a0W")
    power.get_by_role("button", name="Make of thresholds").click()
    expect(power).to_contain_text("150\u00a0W to 180\u00a0W")


def sleep(resident: Resident) -> None:
    """Nights come with a file; the last one isn't in it."""
    file = ("files", ("export.xml", nights(now().date() - timedelta(days=1))))
    assert resident.client.post("/uploads", files=[file]).status_code == 202
    until(lambda: resident.client.get("/biometrics/latest").json()["data"], SYNC_MS / 1000)


def look_back(visit: Visit) -> None:
    """What all of it adds up to, in figures, charts and tables."""
    page = visit.page
    page.keyboard.press("g")
    page.keyboard.press("l")
    form = page.get_by_role("button", name="Form")
    expect(form).to_be_visible()
    expect(page.locator("canvas")).to_have_count(3)
    visit.look("load")
    form.click()
    expect(page.get_by_role("dialog", name="Form").get_by_text("ctl - atl")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("slider", name="Day in the charts").press("End")
    expect(page.get_by_text(re.compile(r", Load \S+, Fitness \d+"))).to_be_visible()
    page.get_by_role("button", name="Show as table").first.click()
    expect(page.get_by_role("group", name="Fitness, fatigue and form").get_by_role("row")).not_to_have_count(
        1
    )
    page.get_by_text("6 weeks", exact=True).click()
    expect(page).to_have_url(f"{visit.url}/load?range=42")


def stand_today(visit: Visit) -> None:
    """Form and recovery at a glance, and where a figure of either comes from."""
    page = visit.page
    page.get_by_role("navigation").get_by_role("link", name="Today", exact=True).click()
    form, recovery = (page.get_by_role("region", name=name, exact=True) for name in ("Form", "Recovery"))
    expect(form.get_by_role("img", name=re.compile("^Fitness is \\d+ and fatigue"))).to_be_visible()
    expect(page.get_by_role("region", name="Last workouts").get_by_role("listitem")).to_have_count(5)
    expect(recovery.get_by_text("This is the night to")).to_be_visible()
    resting = recovery.get_by_role("link", name=re.compile("^Resting heart rate"))
    expect(resting).to_contain_text(re.compile("48bpmAs usual .+Apple Health"))
    visit.look("today")
    form.get_by_role("slider", name="Day in the charts").press("End")
    expect(form.get_by_text(re.compile(r", Load \S+, Fitness \d+"))).to_be_visible()
    resting.click()
    expect(page).to_have_url(f"{visit.url}/biometrics?kind=resting_hr")
    expect(page.get_by_role("region", name="Resting heart rate").locator("canvas")).to_be_visible()


def take_away(visit: Visit) -> None:
    """Makes an export."""
    page = visit.page
    bar = page.get_by_role("navigation", name="Main")
    bar.get_by_role("link", name="Workouts").click()
    page.get_by_role("link", name="Export").click()
    page.get_by_text("CSV", exact=True).click()
    page.get_by_role("button", name="Make the export").click()
    expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=SYNC_MS)
    visit.look("exports")


def put_in_order(visit: Visit) -> None:
    """Says whose word counts first."""
    page = visit.page
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sources").click()
    page.get_by_role("link", name="Whose word counts first").click()
    page.get_by_role("button", name="Strava: further up").click()
    visit.look("order")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your order is saved.")).to_be_visible()


def grow_and_part(visit: Visit, resident: Resident, sandbox: Served, athlete: dict[str, Any]) -> None:
    """A ride comes because Strava tells of it, Garmin has it too, and when Strava goes Garmin's stays."""
    page, start = visit.page, (now() - timedelta(hours=3)).replace(microsecond=0).isoformat()
    ride = {"sport": "ride", "title": RIDE, "start": start, "elapsed_s": 1800, "at": ["strava", "garmin"]}
    sandbox.control("POST", f"athletes/{athlete['id']}/activities", ride)
    until(lambda: who_has(resident) == {"strava"}, SYNC_MS / 1000)
    bar = page.get_by_role("navigation", name="Main")
    bar.get_by_role("link", name="Workouts").click()
    expect(page.get_by_role("link", name=RIDE)).to_be_visible()
    bar.get_by_role("link", name="Sources").click()
    page.get_by_role("button", name="Connect Garmin (your own key)").click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("Key", exact=True).fill(athlete["garmin_personal_key"])
    visit.look("sources-key")
    asked.get_by_role("button", name="Connect", exact=True).click()
    garmin = page.get_by_role("article", name="Garmin (your own key)")
    expect(garmin.get_by_text("Up to date")).to_be_visible(timeout=SYNC_MS)
    assert who_has(resident) == {"garmin", "strava"}
    page.get_by_role("button", name="Disconnect Strava").click()
    parting = page.get_by_role("alertdialog")
    expect(parting.get_by_text("that a file or another source has too")).to_be_visible()
    visit.forget_shifts()  # a card has come
    visit.look("sources-parting")
    parting.get_by_role("button", name="Disconnect", exact=True).click()
    expect(page.get_by_role("button", name="Connect Strava")).to_be_visible()
    until(lambda: who_has(resident) == {"garmin"}, SYNC_MS / 1000)
    bar.get_by_role("link", name="Workouts").click()
    expect(page.get_by_role("link", name=RIDE)).to_be_visible()


def who_has(resident: Resident) -> set[str]:
    """The services whose recordings the ride is made of; there is one such workout at most."""
    found = resident.client.get("/workouts?limit=1000").raise_for_status().json()["data"]
    sources = [one["sources"] for one in found if one["title"] == RIDE]
    assert len(sources) <= 1
    return {source["provider"] for one in sources for source in one}


def set_threshold(page: Page, name: str, value: str) -> None:
    """From a day before all that was recorded."""
    page.get_by_role("button", name=f"Set: {name}").click()
    asked = page.get_by_role("dialog", name=f"Set: {name}")
    asked.get_by_label("Value").fill(value)
    asked.get_by_label("Holds from").fill("2025-01-01")
    asked.get_by_role("button", name="Save").click()
    expect(asked).to_have_count(0)
