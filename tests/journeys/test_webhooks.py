"""An endpoint from the wizard to a message that a real receiver has verified, and what failed sent again."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from tests.journeys.conftest import Resident
from tests.journeys.visit import Visit
from tests.live import LiveRun

pytestmark = pytest.mark.browser
JOB_MS = 30_000


class Receiver(ThreadingHTTPServer):
    """Somebody's service: verifies with the reference library, and answers 503 while it is told to."""

    secret = ""
    away = False

    def __init__(self) -> None:
        self.events: list[str] = []
        super().__init__(("127.0.0.1", 0), Answering)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class Answering(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        event = Webhook(self.server.secret).verify(body, dict(self.headers))
        if not self.server.away:
            self.server.events.append(event["type"])
        self.send_response(503 if self.server.away else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"seen": event["type"]}).encode())

    def log_message(self, *_: object) -> None:
        """Nothing on the test's output."""


@pytest.fixture(scope="module")
def live_run(rehearsal: LiveRun) -> LiveRun:
    return rehearsal


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield found
        found.shutdown()


def test_an_endpoint_is_made_tried_watched_and_disabled(
    visit: Visit, resident: Resident, receiver: Receiver
) -> None:
    page = visit.page
    visit.sign_in(resident.email, resident.password, at="/organization/webhooks")
    expect(page.get_by_role("heading", name="No endpoints yet")).to_be_visible()
    visit.look("webhooks-empty")
    make(visit, receiver)
    page.get_by_role("button", name=receiver.url, exact=True).click()
    expect(page.get_by_role("heading", name="Nothing sent yet")).to_be_visible()
    send_test(page, "Delivered")
    assert receiver.events == ["webhook.test"]
    receiver.away = True
    send_test(page, "Failed")
    page.get_by_role("button", name="Open the delivery of webhook.test").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("503").first).to_be_visible()
    visit.look("webhooks-delivery")
    receiver.away = False
    dialog.get_by_role("button", name="Send again").click()
    expect(dialog.get_by_text("200").first).to_be_visible(timeout=JOB_MS)
    page.keyboard.press("Escape")
    visit.look("webhooks-log")
    disable_and_enable(visit)


def make(visit: Visit, receiver: Receiver) -> None:
    page = visit.page
    page.get_by_role("button", name="New endpoint").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address").fill("http://hooks.example.com/")
    dialog.get_by_role("button", name="Choose events").click()
    dialog.get_by_role("checkbox", name="Somebody accepted an invitation").check()
    visit.look("webhooks-wizard")
    visit.expect_status("/api/v1/webhook-endpoints", 422)
    dialog.get_by_role("button", name="Create endpoint").click()
    expect(dialog.get_by_text("Webhooks are sent over https:// alone.")).to_be_visible()
    dialog.get_by_label("Address").fill(receiver.url)
    dialog.get_by_label("Description").fill("Front desk")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Create endpoint").click()
    receiver.secret = page.get_by_role("textbox", name="Signing secret").input_value()
    assert receiver.secret.startswith("whsec_")
    visit.look("webhooks-secret")
    page.get_by_role("button", name="I have stored it").click()
    expect(page.get_by_role("table", name="Webhooks").get_by_text("Active")).to_be_visible()
    visit.look("webhooks-list")


def send_test(page: Page, state: str) -> None:
    page.get_by_role("button", name="Send a test").click()
    first = page.get_by_role("table", name="Delivery log").get_by_role("row").nth(1)
    expect(first.get_by_text(state)).to_be_visible(timeout=JOB_MS)


def disable_and_enable(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name="Disable…").click()
    page.get_by_role("button", name="Disable", exact=True).click()
    expect(page.get_by_text("Somebody disabled it.")).to_be_visible()
    visit.look("webhooks-disabled")
    page.get_by_role("button", name="Enable", exact=True).click()
    expect(page.get_by_text("Somebody disabled it.")).to_have_count(0)
