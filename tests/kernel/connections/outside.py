"""An outside service of our own, over real HTTP: codes, rotating refresh tokens that are good for one use, revocation."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rowhouse.kernel.connections.asking import Asker
from rowhouse.kernel.connections.service_kinds import ServiceKind, Tokens
from rowhouse.kernel.flags.flag import Flag
from rowhouse.kernel.oauth.fetching import Answer
from tests.generators.provider import Provider, _s256

CLIENT_ID, CLIENT_SECRET = "rowhouse-here", "the-operators-secret"
REAL = "https://outside.example"
FLAG = Flag("outside", False, "A service of the tests.")


async def identify(_asker: Asker, tokens: Tokens) -> str:
    return str(tokens["person"])


async def revoke(asker: Asker, token: str) -> Answer:
    return await asker.ask(f"{REAL}/revoke", method="POST", form={"token": token})


KIND = ServiceKind(
    name="outside",
    title="Outside",
    flag=FLAG,
    authorize_url=f"{REAL}/authorize",
    token_url=f"{REAL}/token",
    api_url=REAL,
    page="/sources",
    permission="fitness.workouts.write",
    scopes=("read", "write"),
    needed=("read",),
    pkce=True,
    client_auth="client_secret_post",
    refresh="rotates",
    identify=identify,
    revoke=revoke,
)


@dataclass
class Outside(Provider):
    """`refuses` answers every refresh with that word, `refuses_to_end` every revocation with that status; `life_s` is that of
    access tokens."""

    person: str = "athlete-7"
    life_s: int = 21_600
    refuses: str = ""
    refuses_to_end: int = 0
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    revoked: list[str] = field(default_factory=list)
    refresh_life_s: int | None = None

    def respond(self, path: str, form: Mapping[str, str]) -> tuple[int, Any]:
        if path == "/token" and not self._knows(form):
            return 401, {"error": "invalid_client"}
        if path == "/token" and form.get("grant_type") == "authorization_code":
            return self._first(form)
        if path == "/token":
            return self._next(form)
        if path == "/revoke":
            if self.refuses_to_end:
                return self.refuses_to_end, {}
            self.revoked.append(form["token"])
            return (200, {}) if form["token"] in self.access else (401, {})
        return 404, {}

    def _knows(self, form: Mapping[str, str]) -> bool:
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)

    def _first(self, form: Mapping[str, str]) -> tuple[int, Any]:
        granted = self.codes.pop(form["code"], None)
        if granted is None or granted.asked["code_challenge"] != _s256(form["code_verifier"]):
            return 400, {"error": "invalid_grant"}
        if granted.asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, self._issue() | granted.claims

    def _next(self, form: Mapping[str, str]) -> tuple[int, Any]:
        shown = form["refresh_token"]
        if self.refuses or shown not in self.refresh:
            return 400, {"error": self.refuses or "invalid_grant"}
        self.refresh.discard(shown)
        return 200, self._issue()

    def _issue(self) -> dict[str, Any]:
        access, refresh = f"access-{secrets.token_hex(8)}", f"refresh-{secrets.token_hex(8)}"
        self.access.add(access)
        self.refresh.add(refresh)
        issued: dict[str, Any] = {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": self.life_s,
            "scope": "read write",
            "person": self.person,
        }
        if self.refresh_life_s is not None:
            issued["refresh_expires_in"] = self.refresh_life_s
        return issued
