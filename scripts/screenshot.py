"""Takes the README's pictures of the demo: the list of workouts, and one workout that three devices recorded.

    make up                                          # in another terminal
    .venv/bin/python scripts/screenshot.py           # writes docs/images/{workouts,workout}.png

Needs Chromium. The pictures are small since the pages have few colours; pngquant makes them smaller where it is there.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
WIDTH_PX = 1400
MOST_BYTES = 300_000
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, default=ROOT / ".rowhouse", help="of the run that is up")
    record = parser.parse_args().home / "run.json"
    if not record.exists():
        sys.exit(f"nothing is up there ({record} is missing): `make up` first")
    run = json.loads(record.read_text(encoding="utf-8"))
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program or not run["demo"]:
        sys.exit("needs chromium, and a run with the demo")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        page = browser.new_page(
            base_url=run["url"], viewport={"width": WIDTH_PX, "height": 900}, color_scheme="light"
        )
        sign_in(page, run["demo"][0])
        take(page, "workouts")
        page.goto(f"/workouts/{three_devices(page)}")
        page.locator("canvas").last.wait_for()
        page.set_viewport_size({"width": WIDTH_PX, "height": 1500})
        take(page, "workout")
        browser.close()


def sign_in(page: Page, login: dict[str, str]) -> None:
    page.goto("/sign-in")
    page.get_by_label("Email").fill(login["email"])
    page.get_by_label("Password", exact=True).fill(login["password"])
    page.get_by_role("button", name="Sign in").click()
    page.locator("[data-row-link]").first.wait_for()


def three_devices(page: Page) -> str:
    """The newest workout with three sources."""
    listed = page.request.get("/api/v1/workouts?limit=100").json()["data"]
    return str(next(workout["id"] for workout in listed if len(workout["sources"]) == 3))


def take(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    page.wait_for_timeout(800)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--ext", ".png", "--skip-if-larger", path], check=False)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {size / 1000:.0f} kB")
    if size > MOST_BYTES:
        sys.exit(f"larger than {MOST_BYTES / 1000:.0f} kB: install pngquant")


if __name__ == "__main__":
    main()
