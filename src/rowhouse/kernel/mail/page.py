"""`/dev/mail`: what a local run has sent, for people and browser tests. Never in production.

Pages without styles or scripts. A mail's text is shown escaped, only its links are made clickable; its HTML part is
not shown at all.
"""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.errors import NotFound
from rowhouse.kernel.http.counting import platform_of
from rowhouse.kernel.http.edge import public
from rowhouse.kernel.settings import Settings

router = APIRouter(prefix="/dev/mail", include_in_schema=False)

NEWEST = 100
NAME = re.compile(r"[0-9TZ.]+-[0-9a-f-]{36}\.eml")
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class Mail:
    name: str
    message: EmailMessage


@router.get("", response_class=HTMLResponse)
async def list_mail(request: Request, _ctx: Annotated[Ctx, public()]) -> HTMLResponse:
    """The newest mails, the newest first."""
    folder = _folder(platform_of(request).settings)
    mails = await asyncio.to_thread(_newest, folder)
    return _page("Mail", Markup("<ol>{}</ol>").format(Markup().join(map(_row, mails))))


@router.get("/{name}", response_class=HTMLResponse)
async def show_mail(request: Request, _ctx: Annotated[Ctx, public()], name: str) -> HTMLResponse:
    folder = _folder(platform_of(request).settings)
    if not NAME.fullmatch(name):
        raise NotFound
    try:
        mail = await asyncio.to_thread(_read, folder / name)
    except FileNotFoundError:
        raise NotFound from None
    return _page(_header(mail, "Subject"), _details(mail))


def _folder(settings: Settings) -> Path:
    if settings.env == "production" or settings.mail_dir is None:
        raise NotFound
    return settings.mail_dir


def _newest(folder: Path) -> list[Mail]:
    names = sorted((path for path in folder.glob("*.eml") if NAME.fullmatch(path.name)), reverse=True)
    return [_read(path) for path in names[:NEWEST]]


def _read(path: Path) -> Mail:
    return Mail(
        path.name, BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(path.read_bytes())
    )


def _row(mail: Mail) -> Markup:
    return Markup('<li><a href="/dev/mail/{}">{}</a> to {}, {}</li>').format(
        mail.name, _header(mail, "Subject"), _header(mail, "To"), _header(mail, "Date")
    )


def _details(mail: Mail) -> Markup:
    body = mail.message.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return Markup('<p>To {}, {}</p><pre>{}</pre><p><a href="/dev/mail">All mail</a></p>').format(
        _header(mail, "To"), _header(mail, "Date"), Markup().join(_linked(text))
    )


def _linked(text: str) -> Iterable[Markup]:
    """The text, escaped, with its web addresses as links."""
    shown = 0
    for link in LINK.finditer(text):
        yield escape(text[shown : link.start()])
        yield Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(link.group())
        shown = link.end()
    yield escape(text[shown:])


def _header(mail: Mail, name: str) -> str:
    return str(mail.message[name] or "")


def _page(title: str, body: Markup) -> HTMLResponse:
    html = Markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{0}</title></head>'
        "<body><main><h1>{0}</h1>{1}</main></body></html>\n"
    ).format(title, body)
    return HTMLResponse(html, headers={"Content-Security-Policy": CSP, "Cache-Control": "no-store"})
