"""What people of the journeys prove themselves with: an authenticator app, a passkey, their mailbox."""

import re
import time
from collections.abc import Callable

import psycopg
import pyotp
import redis
from playwright.sync_api import Page

from rowhouse.kernel.factors.totp import STEP_S
from rowhouse.kernel.redis import session_key
from rowhouse.kernel.sessions.presence import CHANGING, CHANGING_TTL_S
from tests.journeys.visit import Visit
from tests.live import LiveRun, until


class App:
    """An authenticator app. It never shows a code twice, since none is taken twice. It begins one step early, so that
    there are three within a step, unless that one is over before a slow browser has sent it; the third is waited for
    then."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret.replace(" ", ""))
        self._last = 0

    def code(self) -> str:
        step, into_s = divmod(int(time.time()), STEP_S)
        self._last = max(step - (into_s < STEP_S * 2 // 3), self._last + 1)
        # The server takes one step ahead, no more.
        time.sleep(max(0.0, (self._last - 1) * STEP_S - time.time()))
        return self._totp.at(self._last * STEP_S)


def plug_in_authenticator(visit: Visit) -> None:
    """Gives the browser a device that keeps passkeys, whose person is there, is recognized and always agrees."""
    session = visit.context.new_cdp_session(visit.page)
    session.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def grow_stale(run: LiveRun, email: str, *, unusual: bool = False) -> None:
    """As if the person had proved themselves an hour ago, or had signed in from somewhere unusual. The states are marked
    before the commit, as the product does it: what the page is just asking would have the former ones remembered."""
    proved = "NULL" if unusual else "now() - interval '1 hour'"
    with redis.Redis.from_url(run.redis_url) as store, psycopg.connect(run.superuser_dsn) as server:
        changed = server.execute(
            f"UPDATE kernel.sessions SET authenticated_at = {proved}"
            " WHERE user_id = (SELECT id FROM kernel.users WHERE email = %s) RETURNING id",
            (email,),
        ).fetchall()
        for (session_id,) in changed:
            store.set(session_key(session_id), CHANGING, ex=CHANGING_TTL_S)


def newest_link(run: LiveRun, email: str, path: str, *, after: int = 0) -> str:
    """The newest link to `path` mailed to that address, once one is there beyond the first `after` mails."""
    found: list[str] = []

    def came() -> bool:
        texts = [mail.get_body(("plain",)) for mail in run.mails(email)[after:]]
        found[:] = [
            link
            for text in texts
            if text
            for link in re.findall(rf"https?://\S+{path}#token=\S+", text.get_content())
        ]
        return bool(found)

    until(came, 30)
    return found[-1]


def mailed_code(run: LiveRun, email: str, ask: Callable[[], object]) -> str:
    """Does what has a code mailed, and gives the code."""
    known = len(run.mails(email))
    ask()
    return run.newest_code(email, after=known)


def type_code(page: Page, code: str) -> None:
    # All at once, as a password manager does: a field that has just refused a code may not take the first keys yet.
    page.get_by_role("textbox", name="Six-digit code").last.fill(code)
