"""One person's browser, watched: whatever a page complains of, asks elsewhere for or leaves inaccessible is kept."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize, expect

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
WIDE: ViewportSize = {"width": 1400, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
MOST_SHIFT = 0.05
WIDTH_LOOKS = 50
SHIFT_GAP_MS, SHIFT_WINDOW_MS = 1000, 5000
TRIES = 2

WATCH = """
addEventListener("securitypolicyviolation", (e) =>
  console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (!entry.hadRecentInput)
      window.shifts.push([entry.startTime, entry.value, entry.sources.map(({ node, previousRect: a, currentRect: b }) =>
        `${(node?.outerHTML ?? node?.textContent ?? "gone").slice(0, 120)} ${a.x},${a.y} ${a.width}x${a.height} -> ${b.x},${b.y} ${b.width}x${b.height}`)]);
}).observe({ type: "layout-shift", buffered: true });
"""
SETTLED = """async () => {
  // Some frames without a transition: one that a change of media or size starts begins a frame later, and one of an
  // inherited colour when its parent's is over.
  for (let still = 0; still < 3; ) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const ending = document.getAnimations().filter(
      (one) => one.playState === "running" && one.effect.getTiming().iterations !== Infinity);
    still = ending.length ? 0 : still + 1;
    await Promise.allSettled(ending.map((one) => one.finished));
  }
}"""
RUN_AXE = """async (rules) => (await axe.run(document, {
  runOnly: rules, resultTypes: ["violations"],
})).violations.map((v) => `${v.id} (${v.nodes.length}): ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].any[0]?.message ?? ''}`)"""


ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast"]
"""All that a page's other scheme changes."""


class Visit:
    """A browser context with one page. `close` fails if anything was wrong on the way."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        pictures: Path | None,
        *,
        size: ViewportSize = WIDE,
        phone: bool = False,
    ) -> None:
        self.url = url
        self.pictures = pictures
        self.size = size
        self.context: BrowserContext = browser.new_context(
            base_url=url,
            viewport=size,
            has_touch=phone,
            is_mobile=phone,
            locale="en-GB",
            timezone_id="Europe/Zurich",
            color_scheme="light",
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(15_000)
        self.context.add_init_script(WATCH)
        self.problems: list[str] = []
        self.requests: list[str] = []
        self._elsewhere: str | None = None
        self._expected: set[tuple[str, int]] = set()
        self.page: Page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.context.on("request", self._asked)

    def comes_from(self, address: str) -> None:
        """Has the browser ask from this address from now on, as the proxy of the run tells."""
        self.context.set_extra_http_headers({"X-Forwarded-For": address})

    def goes_to(self, provider: str) -> None:
        """The journey leads to another site and back; what that one's own pages do is not ours to judge."""
        self._elsewhere = f"{provider}/"
        # Nothing of the internet is asked for, whatever that site's pages name.
        known = (f"{self.url}/", self._elsewhere)
        self.context.route(lambda url: not url.startswith(known), lambda route: route.fulfill(status=204))

    def _is_elsewhere(self, url: str) -> bool:
        return self._elsewhere is not None and url.startswith(self._elsewhere)

    def expect_status(self, path: str, status: int) -> None:
        """The journey means the API to answer so; the browser's own line about it is no problem."""
        self._expected.add((path, status))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type != "error" or self._is_elsewhere(self.page.url):
            return
        path = urlsplit(message.location.get("url", "")).path
        if any(path == known and f"status of {status} " in message.text for known, status in self._expected):
            return
        self.problems.append(f"console: {message.text} ({path})")

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)
        if self._is_elsewhere(request.url) or self._is_elsewhere(self.page.url):
            return
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.problems.append(f"asked elsewhere: {request.url}")
        path = urlsplit(request.url).path
        is_page = not path.startswith("/api/") and "." not in path
        if is_page and (request.resource_type, request.method) == ("fetch", "GET"):
            # The router can't read a page; it ends on an empty one.
            self.problems.append(f"asked for a page as if it were data: {path}")

    def look(self, name: str) -> None:
        """Checks the page as it stands: accessible in light and dark, nothing wider than the screen, nothing that
        jumped. Where pictures are wanted, leaves one of it wide and on a phone, light and dark."""
        # A page that has begun to load has no heading yet; in a dialog's background it is there, and hidden.
        self.page.locator("h1").first.wait_for(state="attached")
        self._check_shift(name)
        self.settle()
        self.check_axe(f"{name}, light", ALL_RULES)
        self.picture(f"{name}-wide-light")
        self.show("dark")
        self.check_axe(f"{name}, dark", COLOURS)
        self.picture(f"{name}-wide-dark")
        if self.size["width"] > PHONE["width"]:
            self.page.set_viewport_size(PHONE)
            self.settle()
            self.check_width(name)
            self.picture(f"{name}-phone-dark")
            if self.pictures:
                self.show("light")
                self.picture(f"{name}-phone-light")
            self.page.set_viewport_size(self.size)
        self.show("light")
        # What moved meanwhile is this method's doing.
        self.forget_shifts()

    def forget_shifts(self) -> None:
        self.page.evaluate("() => { window.shifts = []; }")

    def show(self, scheme: str) -> None:
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        # Pages before the sign-in look at the system's theme only when they load.
        self.page.evaluate("(scheme) => { document.documentElement.dataset.theme = scheme; }", scheme)
        self.settle()

    def settle(self) -> None:
        """Waits until what changed has drawn itself anew: axe would judge a colour half-way."""
        self.page.evaluate(SETTLED)

    def picture(self, name: str) -> None:
        if self.pictures:
            self.page.screenshot(path=self.pictures / f"{name}.png")

    def check_axe(self, where: str, rules: Sequence[str] = ALL_RULES) -> None:
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[str] = self.page.evaluate(RUN_AXE, rules)
        self.problems += [f"axe on {where}: {violation}" for violation in found]

    def check_width(self, where: str) -> None:
        """Nothing makes the page scroll sideways."""
        over: int = 0
        for _ in range(WIDTH_LOOKS):
            over = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if over <= 0:
                return
            # What has just been given another width may still be drawing itself anew.
            self.page.wait_for_timeout(100)
        self.problems.append(f"{where} is {over} px wider than the screen")

    def _check_shift(self, where: str) -> None:
        shifts: list[tuple[float, float, list[str]]] = self.page.evaluate("() => window.shifts")
        worst = layout_shift([(at, value) for at, value, _ in shifts])
        if worst > MOST_SHIFT:
            moved = "".join(f"\n  {value:.3f} {one}" for _, value, sources in shifts for one in sources)
            self.problems.append(f"layout of {where} shifted by {worst:.3f}{moved}")

    def sign_in(self, email: str, password: str, at: str = "/workouts") -> None:
        """Signs the browser in without the form, which is filled in where it is tested (`test_sessions.py`), and
        opens a page."""
        answer = self.context.request.post(
            f"{self.url}/api/v1/auth/login",
            data={"email": email, "password": password, "cookies": True},
            # This once; the pages go by the run's authority.
            ignore_https_errors=True,
            fail_on_status_code=True,
        )
        ends_at_ms = (time.time() + answer.json()["data"]["expires_in"]) * 1000
        blank = f"{self.url}/blank"
        self.context.route(blank, lambda route: route.fulfill(body="", content_type="text/html"), times=1)
        self.page.goto(blank)
        self.page.evaluate("(end) => localStorage.setItem('rowhouse.session', end)", str(int(ends_at_ms)))
        self.page.goto(at)

    def choose(self, act: Callable[[], object], *files: Path) -> None:
        """Does what opens the browser's dialog and chooses the files in it."""
        with self.page.expect_file_chooser() as dialog:
            act()
        dialog.value.set_files([str(file) for file in files])

    def drop(self, *files: Path) -> None:
        """Drags the files from outside over the page and lets them go, as the browser itself tells it."""
        session = self.context.new_cdp_session(self.page)
        data: dict[str, Any] = {
            "items": [],
            "files": [str(file) for file in files],
            "dragOperationsMask": 1,
        }

        def tell(kind: str) -> None:
            session.send("Input.dispatchDragEvent", {"type": kind, "x": 500, "y": 400, "data": data})

        veil = self.page.get_by_text("Drop to upload")
        for _ in range(TRIES):
            tell("dragEnter")
            tell("dragOver")
            # A person sees that the page would take them, and lets go then; a page asked for less than that declines.
            expect(veil).to_be_visible()
            tell("dragOver")
            tell("drop")
            # A browser that is busy lets a drop fall; a person tries again.
            with suppress(AssertionError):
                expect(veil).to_be_hidden()
                break
        session.detach()

    def close(self) -> None:
        self.context.close()
        assert not self.problems, "\n".join(self.problems)


def layout_shift(shifts: list[tuple[float, float]]) -> float:
    """The worst session window of shifts (start in ms, value): cumulative layout shift as web.dev defines it."""
    worst = current = 0.0
    begun = last = float("-inf")
    for at, value in sorted(shifts):
        if at - last > SHIFT_GAP_MS or at - begun > SHIFT_WINDOW_MS:
            begun, current = at, 0.0
        last = at
        current += value
        worst = max(worst, current)
    return worst
