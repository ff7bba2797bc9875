"""`/`: what is here and how it is used, for a developer."""

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.clients import CLIENTS
from sandbox.common.page import page
from sandbox.common.provider import state_of
from sandbox.control.athletes import NewAthlete, add_athlete
from sandbox.providers.all import PROVIDERS


async def shown(request: Request) -> Response:
    """The page."""
    state, here = state_of(request), str(request.base_url).rstrip("/")
    providers = "".join(
        f"<tr><th scope=row>{escape(one.title)}</th><td><code>{escape(here)}/{one.path}</code></td><td>"
        + (
            f"<code>{escape(CLIENTS[one.name].id)}</code></td><td><code>{escape(CLIENTS[one.name].secret)}</code>"
            if one.name in CLIENTS
            else "the athlete's key, below</td><td>-"
        )
        + "</td></tr>"
        for one in PROVIDERS
    )
    athletes = "".join(
        f"<tr><th scope=row>{escape(one.name)}</th><td><code>{escape(one.id)}</code></td>"
        f"<td>{one.activities + len(one.added)}</td><td><code>{escape(one.personal_key)}</code></td>"
        f'<td><a href="/_sandbox/athletes/{escape(one.id)}/activities">activities</a></td></tr>'
        for one in state.saved.athletes.values()
    )
    doors = "".join(
        f'<li><a href="/_sandbox/{name}">/_sandbox/{name}</a></li>'
        for name in (
            "athletes",
            "grants",
            "subscriptions",
            "calls",
            "deliveries",
            "faults",
            "clients",
            "clock",
        )
    )
    return page(
        "Rowhouse sandbox",
        "<p>Simulated fitness providers. No account, no real data: everything here is made from seeds.</p>"
        "<h2>Providers</h2><table><thead><tr><th>Provider<th>Base URL<th>Client id<th>Client secret</thead>"
        f"<tbody>{providers}</tbody></table>"
        "<h2>Athletes</h2><table><thead><tr><th>Name<th>Id<th>Activities<th>Garmin personal API key<th></thead>"
        f"<tbody>{athletes}</tbody></table>"
        '<form method="post" action="/athletes"><p><label>Seed <input name="seed" type="number" value="1" required>'
        '</label> <label>Activities <input name="activities" type="number" value="100" min="0" max="20000" required>'
        "</label> <button>Make an athlete</button></p></form>"
        f"<h2>Control</h2><ul>{doors}</ul><p>How each is used: <code>sandbox/README.md</code>.</p>",
    )


async def make(request: Request) -> Response:
    """The page's form."""
    form = await request.form()
    state = state_of(request)
    add_athlete(state, NewAthlete(seed=int(str(form["seed"])), activities=int(str(form["activities"]))))
    state.save()
    return RedirectResponse("/", status_code=303)
