"""The page on which an athlete grants an application access, as each provider has one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from sandbox.clients import CLIENTS
from sandbox.common import grants
from sandbox.common.page import page
from sandbox.common.provider import state_of
from sandbox.common.state import State

S256 = "S256"


@dataclass(frozen=True, slots=True)
class Consent:
    """One provider's page. `scopes` are all there are; `optional`: the athlete may leave some out;
    `tells`: the scopes granted are said in the redirect; `pkce`: a challenge is demanded, or taken where given."""

    provider: str
    title: str
    scopes: Sequence[str]
    separator: str = " "
    optional: bool = False
    tells: bool = False
    pkce: bool | None = None
    shortest_state: int = 0

    async def ask(self, request: Request) -> Response:
        """Shows the page, and takes its answer."""
        asked = request.query_params
        wrong = self._wrong(asked)
        if wrong:
            return JSONResponse({"error": "invalid_request", "error_description": wrong}, status_code=400)
        state = state_of(request)
        wanted = [one for one in asked.get("scope", "").replace(",", " ").split() if one in self.scopes]
        if request.method == "GET":
            return self._page(state, wanted)
        return self._answered(state, asked, wanted, await request.form())

    def _wrong(self, asked: Mapping[str, str]) -> str | None:
        address = urlsplit(asked.get("redirect_uri", ""))
        known = set(asked.get("scope", "").replace(",", " ").split()) <= set(self.scopes)
        checks = {
            "client_id is not known": asked.get("client_id") == CLIENTS[self.provider].id,
            "response_type must be code": asked.get("response_type") == "code",
            "redirect_uri must be an absolute http(s) address": address.scheme in {"http", "https"}
            and bool(address.netloc)
            and not address.fragment,
            f"state must have {self.shortest_state} characters at least": len(asked.get("state", ""))
            >= self.shortest_state,
            f"scope knows only {', '.join(self.scopes)}": known,
        }
        if self.pkce or (self.pkce is None and "code_challenge" in asked):
            checks["code_challenge with code_challenge_method=S256 is needed"] = (
                bool(asked.get("code_challenge")) and asked.get("code_challenge_method") == S256
            )
        return next((fault for fault, holds in checks.items() if not holds), None)

    def _page(self, state: State, wanted: Sequence[str]) -> HTMLResponse:
        athletes = "".join(
            f'<p><label><input type="radio" name="athlete" value="{escape(one.id)}" required'
            f"{' checked' if number == 0 else ''}> {escape(one.name)} <small>{escape(one.id)}</small></label></p>"
            for number, one in enumerate(state.saved.athletes.values())
        )
        boxes = "".join(
            f'<p><label><input type="checkbox" name="scope" value="{escape(one)}" checked'
            f"{'' if self.optional else ' disabled'}> {escape(one)}</label></p>"
            for one in wanted
        )
        nobody = '<p>There is no athlete yet: <a href="/">make one</a>.</p>'
        shown = '<input type="hidden" name="boxes" value="1">' if self.optional else ""
        return page(
            f"Allow access to your {self.title} data?",
            f"<p>This is the sandbox's {escape(self.title)}. An application asks for access.</p>"
            f'<form method="post"><fieldset><legend>Who are you?</legend>'
            f"{athletes or nobody}</fieldset>"
            f"<fieldset><legend>It may</legend>{boxes or '<p>see what it needs</p>'}</fieldset>{shown}"
            '<button name="decision" value="approve">Approve</button> '
            '<button name="decision" value="deny" formnovalidate>Deny</button></form>',
        )

    def _answered(
        self, state: State, asked: Mapping[str, str], wanted: Sequence[str], form: FormData
    ) -> Response:
        said = {"state": asked["state"]} if "state" in asked else {}
        if form.get("decision") != "approve":
            return self._back(asked["redirect_uri"], {**said, "error": "access_denied"})
        athlete = state.saved.athletes.get(str(form.get("athlete")))
        if athlete is None:
            return JSONResponse({"error": "no such athlete in this sandbox"}, status_code=400)
        ticked = [str(one) for one in form.getlist("scope")]
        chosen = wanted
        if self.optional and (ticked or "boxes" in form):
            chosen = [one for one in wanted if one in ticked]
        code = grants.new_code(
            state, self.provider, athlete, chosen, asked["redirect_uri"], asked.get("code_challenge")
        )
        told = {"scope": self.separator.join(chosen)} if self.tells else {}
        return self._back(asked["redirect_uri"], {**said, "code": code, **told})

    def _back(self, address: str, fields: Mapping[str, str]) -> RedirectResponse:
        joint = "&" if urlsplit(address).query else "?"
        return RedirectResponse(f"{address}{joint}{urlencode(fields)}", status_code=302)
