"""Three thousand workouts in one table: a very long season."""

import re

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Resident
from tests.journeys.visit import Visit
from tests.live import LiveRun

pytestmark = pytest.mark.browser
MANY = 3_000
MOST_ROWS = 90
"""Rows of the document: those in view, and some above and below."""

FILL = """
    INSERT INTO fitness.workouts (organization_id, id, athlete_id, start_time, timezone, local_start_time, sport,
        sub_sport, title, duration_s, moving_time_s, distance_m, ascent_m, energy_kcal, avg_hr_bpm, max_hr_bpm,
        avg_power_w, max_power_w, avg_cadence_rpm, avg_speed_mps, quality_score, flags, sources, parts, detail)
    SELECT %(organization)s::uuid,
        (lpad(to_hex(1400000000000 + w * 21600000::bigint), 12, '0') || '7' || substr(source, 1, 3) || '8'
            || substr(source, 4, 15))::uuid,
        %(athlete)s::uuid,
        timestamptz '2014-05-13 16:53:20+00' + w * interval '6 hours',
        'Europe/Berlin',
        to_char(timestamp '2014-05-13 18:53:20' + w * interval '6 hours', 'YYYY-MM-DD"T"HH24:MI:SS"+02:00"'),
        (ARRAY['run', 'ride', 'swim', 'walk'])[w %% 4 + 1], NULL, 'Activity ' || w,
        1800 + w %% 3600, 1750 + w %% 3600, 5000 + w * 7.31, w %% 900, 300 + w %% 700,
        120 + w %% 50, 150 + w %% 45, NULL, NULL, 80 + w %% 12, 2.5 + (w %% 30) * 0.07, 0.97,
        '[]', jsonb_build_array(jsonb_build_object('id', source::uuid, 'provider', 'file',
            'device', 'Garmin Edge 530', 'external_id', NULL)), '[]',
        '{"pieces": [], "provenance": {}, "conflicts": [], "notes": [], "laps": [], "lengths": [], "channels": {},
            "edits": []}'
    FROM generate_series(1, %(many)s) w, md5(%(athlete)s || w) source
"""
TO_THE_END = """async (last) => {
  let most = 0;
  const until = performance.now() + 60000;
  while (!document.body.innerText.includes(last) && performance.now() < until) {
    window.scrollTo(0, document.body.scrollHeight);
    most = Math.max(most, document.querySelectorAll("[data-index]").length);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return most;
}"""


@pytest.fixture
def veteran(live_run: LiveRun, resident: Resident) -> Resident:
    """Someone with three thousand workouts, written past the walls by the superuser."""
    with psycopg.connect(live_run.superuser_dsn, autocommit=True) as connection:
        # Without triggers: what they guard is kept, and no event of these rows is wanted.
        connection.execute("SET session_replication_role = replica")
        ids = {"organization": resident.organization_id, "athlete": resident.account_id, "many": MANY}
        with psycopg.ClientCursor(connection) as cursor:
            cursor.execute(FILL, ids)
        connection.execute("ANALYZE fitness.workouts")
    return resident


def test_the_table_holds_thousands_and_the_address_its_filters(visit: Visit, veteran: Resident) -> None:
    page = visit.page
    visit.sign_in(veteran.email, veteran.password)
    expect(title(page, 0)).to_have_text(f"Activity {MANY}")
    visit.look("workouts-many")
    scroll_to_the_end(visit)
    filter_and_sort(visit)
    turn_the_months(visit)
    use_the_keyboard(visit)


def title(page: Page, index: int) -> Locator:
    return page.locator(f'[data-index="{index}"] [data-row-link]')


def scroll_to_the_end(visit: Visit) -> None:
    """Page after page by cursor, with a bounded number of rows in the document."""
    page = visit.page
    most: int = page.evaluate(TO_THE_END, "That is all.")
    assert 0 < most <= MOST_ROWS, most
    expect(page.get_by_text("That is all.")).to_be_visible()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(title(page, MANY - 1)).to_have_text("Activity 1")
    expect(page.get_by_role("table")).to_have_attribute("aria-rowcount", str(MANY + 1))
    pages = [url for url in visit.requests if "/api/v1/workouts?" in url]
    assert len([url for url in pages if "cursor=" in url]) >= MANY / 100 - 1
    assert not [url for url in pages if "offset=" in url]


def filter_and_sort(visit: Visit) -> None:
    page = visit.page
    page.goto("/workouts")
    expect(title(page, 0)).to_have_text(f"Activity {MANY}")
    page.get_by_label("Sport").select_option("ride")
    page.get_by_label("Sort", exact=True).select_option("distance_m")
    for _ in range(2):
        expect(page).to_have_url(f"{visit.url}/workouts?sport=ride&sort=distance_m")
        # Every fourth is a ride, and each is longer than those before it.
        expect(title(page, 0)).to_have_text("Activity 1")
        expect(title(page, 1)).to_have_text("Activity 5")
        page.reload()
    visit.look("workouts-filtered")
    page.get_by_role("button", name="Remove filter Ride").click()
    expect(title(page, 1)).to_have_text("Activity 2")


def turn_the_months(visit: Visit) -> None:
    """By keys from a month without workouts to the last that has some; a week leads to its workouts."""
    page = visit.page
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.get_by_role("button", name="Go to June 2016").click()
    expect(page).to_have_url(f"{visit.url}/calendar?month=2016-06")
    expect(page.get_by_role("link", name="Wed 1 Jun 2016: 4 workouts")).to_be_visible()
    visit.look("calendar")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="May 2016")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Workouts of the week of Mon 30 May 2016")).click()
    expect(page).to_have_url(f"{visit.url}/workouts?from=2016-05-30&to=2016-06-05")
    expect(page.get_by_text("12 workouts", exact=True)).to_be_visible()


def use_the_keyboard(visit: Visit) -> None:
    page = visit.page
    page.goto("/workouts")
    expect(title(page, 0)).to_be_visible()
    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
    expect(title(page, 1)).to_be_focused()
    opened = title(page, 1).get_attribute("href")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{visit.url}{opened}")
    page.go_back()
    expect(title(page, 0)).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Search titles")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    visit.look("shortcuts")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search and commands")).to_be_visible()
    page.keyboard.type("Activity 2711")
    found = page.get_by_role("option", name="Activity 2711")
    expect(found).to_be_visible()
    visit.look("palette")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Activity 2711")).to_be_visible()
