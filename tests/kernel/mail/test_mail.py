"""Mail from the request that asks for it to the folder or the server that takes it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import pytest
from jinja2 import UndefinedError
from jinja2.meta import find_undeclared_variables
from pydantic import SecretStr

from rowhouse.kernel.context import NOBODY, Identity
from rowhouse.kernel.mail.delivery import send_smtp, write_eml
from rowhouse.kernel.mail.errors import MailRefused, MailUnavailable
from rowhouse.kernel.mail.jobs import SEND_MAIL
from rowhouse.kernel.mail.message import asked_at, compose
from rowhouse.kernel.mail.service import send_mail
from rowhouse.kernel.mail.templates import HAIR_SPACE, Content, TemplateName, _environment, render, unlinked
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.kernel.jobs.staging import Shop

ASKED = {"device": "Firefox on Linux", "place": "203.0.113.1", "at": "1 May 2026, 12:00 UTC"}
CODE_MINUTES = 10
CODE = {"code": "123456", "minutes": CODE_MINUTES, **ASKED}
NEWS = {"sentence": "Your password was changed.", "link": "https://rowhouse.example/lock", **ASKED}
CONTENT = Content("A subject", "Some text\n", "<p>Some text</p>\n")
pytestmark = pytest.mark.usefixtures("broker")


def folder(shop: Shop) -> Path:
    assert shop.platform.settings.mail_dir is not None
    return shop.platform.settings.mail_dir


def read(path: Path) -> EmailMessage:
    return BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(path.read_bytes())


def mail_of(shop: Shop, job_id: UUID) -> list[Path]:
    return list(folder(shop).glob(f"*-{job_id}.eml"))


async def test_a_mail_asked_for_before_sign_in_arrives_once(shop: Shop) -> None:
    async with shop.context(NOBODY) as ctx:
        job_id = await send_mail(ctx, "someone@example.org", "verify_email", CODE)
    assert mail_of(shop, job_id) == [], "nothing is sent by the request itself"
    await shop.run(job_id)
    shop.set(job_id, "state = 'running', finished_at = NULL, claimed_until = now() - interval '1 second'")
    await shop.run(job_id)
    (path,) = mail_of(shop, job_id)
    mail = read(path)
    assert (mail["To"], mail["Subject"]) == ("someone@example.org", "123456 is your Rowhouse code")
    assert mail["Message-ID"] == f"<{job_id}@rowhouse.example>"
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert "123456" in part.get_content()


async def test_a_request_that_fails_sends_no_mail(shop: Shop) -> None:
    asked: list[UUID] = []

    async def fail() -> None:
        async with shop.context(NOBODY) as ctx:
            asked.append(await send_mail(ctx, "someone@example.org", "verify_email", CODE))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await shop.run(asked[0])
    assert mail_of(shop, asked[0]) == []


async def test_the_row_says_neither_who_nor_what(shop: Shop, someone: Identity) -> None:
    async with shop.context(someone) as ctx:
        job_id = await send_mail(ctx, "someone@example.org", "verify_email", CODE)
    assert set(shop.row(job_id).arguments) == {"template", "sealed"}
    assert not any(secret in str(shop.row(job_id).arguments) for secret in ("someone", "123456"))


async def test_a_template_without_its_values_fails_the_request(shop: Shop) -> None:
    with pytest.raises(UndefinedError):
        async with shop.context(NOBODY) as ctx:
            await send_mail(ctx, "someone@example.org", "verify_email", {"code": "123456"})


@pytest.mark.parametrize(
    "address", ["a@b.example\nBcc: all@b.example", "a@b.example\r\n\r\nhello", "a@b.example, c@d.example", ""]
)
async def test_an_address_can_carry_no_header(shop: Shop, address: str) -> None:
    with pytest.raises(ValueError, match=r"address|addr_spec|CR or LF"):
        async with shop.context(NOBODY) as ctx:
            await send_mail(ctx, address, "verify_email", CODE)


def test_a_subject_can_carry_no_header() -> None:
    content = render(
        "verify_email", {"code": "1\r\nBcc: all@b.example", "minutes": 10, "public_url": "http://x", **ASKED}
    )
    message = compose(uuid7(), "Rowhouse <no-reply@rowhouse.example>", "a@b.example", content)
    assert message["Bcc"] is None
    assert BytesParser(policy=policy.default).parsebytes(message.as_bytes())["Bcc"] is None
    with pytest.raises(ValueError, match="linefeed"):
        compose(
            uuid7(),
            "no-reply@rowhouse.example",
            "a@b.example",
            replace(content, subject="a\nBcc: x@y.example"),
        )


def test_html_is_escaped_and_text_is_not() -> None:
    content = render("verify_email", {"code": "<b>&", "minutes": 10, "public_url": "http://x", **ASKED})
    assert "<b>&" in content.text
    assert "&lt;b&gt;&amp;" in content.html


OURS = {"code", "link", "token", "public_url", "minutes", "days", "device", "place", "at", "until", "href"}
"""Values that nobody outside can word."""
EVIL = (
    "Claim it: https://evil.example/x now",
    "www.evil.example",
    "evil.example",
    "Mail a@evil.example",
    "http://203.0.113.9:8080/",
    "evil。example",  # a full stop to browsers
)


@pytest.mark.parametrize("template", get_args(TemplateName))
@pytest.mark.parametrize("evil", EVIL)
def test_no_mail_links_what_somebody_worded(template: TemplateName, evil: str) -> None:
    source = files("rowhouse.kernel.mail").joinpath(f"templates/{template}.jinja").read_text(encoding="utf-8")
    asked = find_undeclared_variables(_environment(escape=False).parse(source))
    content = render(template, {name: "1" if name in OURS else evil for name in asked})
    for said in (content.subject, content.text, content.html):
        assert evil not in said
        assert (evil in said.replace(HAIR_SPACE, "")) <= bool(asked - OURS)


def test_a_sentence_is_not_changed() -> None:
    said = "Dr. A. Byron, 3 keys: “Nightly”, and more."
    assert unlinked(said) == said


def test_files_sort_by_time_and_appear_whole(tmp_path: Path) -> None:
    jobs = [uuid7() for _ in range(3)]
    message = compose(jobs[0], "no-reply@rowhouse.example", "a@b.example", CONTENT)
    paths = [write_eml(tmp_path, job_id, message) for job_id in jobs]
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert [path.name.partition("-")[0] for path in paths] == sorted(
        path.name.partition("-")[0] for path in paths
    )
    assert abs((asked_at(jobs[0]) - now()).total_seconds()) < 5


def test_an_international_address_is_composed() -> None:
    message = compose(uuid7(), "no-reply@rowhouse.example", "jürgen@b.example", CONTENT)
    assert read_bytes(message.as_bytes())["To"] == "jürgen@b.example"


def read_bytes(raw: bytes) -> EmailMessage:
    return BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(raw)


@asynccontextmanager
async def smtp_server(answer_to_recipient: str = "250 fine") -> AsyncIterator[tuple[str, Sequence[str]]]:
    """A mail server that speaks just enough; yields its address and what it was told, line by line."""
    told: list[str] = []

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        in_data = False
        while line := (await reader.readline()).decode().rstrip("\r\n") or not reader.at_eof():
            told.append(str(line))
            verb = str(line).upper()
            if in_data:
                in_data = line != "."
                writer.write(b"" if in_data else b"250 taken\r\n")
            elif verb.startswith("RCPT"):
                writer.write(f"{answer_to_recipient}\r\n".encode())
            elif verb.startswith("DATA"):
                in_data = True
                writer.write(b"354 go on\r\n")
            else:
                writer.write(b"221 bye\r\n" if verb.startswith("QUIT") else b"250 fine\r\n")
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", told


async def send(url: str) -> None:
    message = compose(uuid7(), "no-reply@rowhouse.example", "a@b.example", CONTENT)
    await asyncio.to_thread(send_smtp, url, message)


async def test_a_server_gets_the_mail() -> None:
    async with smtp_server() as (address, told):
        await send(f"smtp+plain://{address}")
    assert "rcpt TO:<a@b.example>" in told
    assert "Subject: A subject" in told


async def test_a_refused_recipient_is_final_and_a_busy_server_is_not() -> None:
    async with smtp_server("550 no such mailbox") as (address, _):
        with pytest.raises(MailRefused):
            await send(f"smtp+plain://{address}")
    async with smtp_server("451 try later") as (address, _):
        with pytest.raises(MailUnavailable):
            await send(f"smtp+plain://{address}")


async def test_without_encryption_nothing_is_said() -> None:
    async with smtp_server() as (address, told):
        with pytest.raises(MailUnavailable):
            await send(f"smtp://user:password@{address}")
    assert not any("AUTH" in line.upper() or "MAIL" in line.upper() for line in told)


def away(shop: Shop) -> Shop:
    """The same with a mail server that nobody can reach."""
    settings = shop.platform.settings.model_copy(
        update={"mail_dir": None, "smtp_url": SecretStr("smtp+plain://127.0.0.1:1")}
    )
    return replace(shop, platform=replace(shop.platform, settings=settings))


async def ask(shop: Shop, template: TemplateName, values: dict[str, Any]) -> UUID:
    async with shop.context(NOBODY) as ctx:
        return await send_mail(ctx, "someone@example.org", template, values)


@dataclass
class Clock:
    """The clock of whoever sends mail; tries pass the time that is between them at once."""

    passed: timedelta = timedelta()

    def now(self) -> datetime:
        return now() + self.passed

    async def try_at_its_time(self, shop: Shop, job_id: UUID) -> timedelta:
        """One try; how long the mail then waits for the next."""
        await shop.run(job_id)
        row = shop.row(job_id)
        pause: timedelta = row.run_at - row.updated_at if row.state == "queued" else timedelta()
        self.passed += pause
        shop.set(job_id, "run_at = now()")
        return pause


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("rowhouse.kernel.mail.jobs.now", made.now)
    return made


async def test_a_mail_outlasts_a_server_that_is_away_for_most_of_a_day(shop: Shop, clock: Clock) -> None:
    job_id = await ask(shop, "security_event", NEWS)
    pauses: list[timedelta] = []
    while clock.passed < timedelta(hours=22):
        pauses.append(await clock.try_at_its_time(away(shop), job_id))
    assert min(pauses) >= timedelta(seconds=7.5)
    assert max(pauses) <= timedelta(seconds=4500)
    assert len(pauses) < 80, "later and later"
    assert (shop.row(job_id).state, shop.row(job_id).attempts) == ("queued", 0)
    await clock.try_at_its_time(shop, job_id)
    assert shop.row(job_id).state == "succeeded"
    assert len(mail_of(shop, job_id)) == 1


async def test_a_mail_ends_after_a_day_and_can_be_tried_again(shop: Shop, clock: Clock) -> None:
    job_id = await ask(shop, "security_event", NEWS)
    clock.passed = timedelta(days=1)
    while shop.row(job_id).state == "queued":
        await clock.try_at_its_time(away(shop), job_id)
    row = shop.row(job_id)
    assert (row.state, row.attempts, row.error["code"]) == (
        "failed",
        SEND_MAIL.max_attempts,
        "mail_unavailable",
    )
    shop.set(job_id, "state = 'queued', attempts = 0, error = NULL, finished_at = NULL")
    await clock.try_at_its_time(shop, job_id)
    assert len(mail_of(shop, job_id)) == 1


async def test_a_code_is_tried_while_it_is_good_and_not_sent_afterwards(shop: Shop, clock: Clock) -> None:
    job_id = await ask(shop, "verify_email", CODE)
    tries = 0
    while clock.passed < timedelta(minutes=CODE_MINUTES):
        await clock.try_at_its_time(away(shop), job_id)
        tries += 1
    assert tries >= 8
    await clock.try_at_its_time(shop, job_id)
    row = shop.row(job_id)
    assert (row.state, row.error["code"]) == ("failed", "mail_expired")
    assert mail_of(shop, job_id) == []


@pytest.mark.parametrize("template", get_args(TemplateName))
def test_every_mail_with_a_code_says_how_long_it_is_good(template: TemplateName) -> None:
    """By these minutes it is not sent too late."""
    source = files("rowhouse.kernel.mail").joinpath(f"templates/{template}.jinja").read_text(encoding="utf-8")
    asked = find_undeclared_variables(_environment(escape=False).parse(source))
    assert "code" not in asked or "minutes" in asked
