"""`/dev/mail`: for people who run it locally, and for nobody else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from rowhouse.kernel.app import kernel
from rowhouse.kernel.http.app import build_api
from rowhouse.kernel.mail.delivery import write_eml
from rowhouse.kernel.mail.message import compose
from rowhouse.kernel.mail.page import router
from rowhouse.kernel.mail.templates import Content
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.registry import App, Registry
from rowhouse.kit.ids import uuid7

TEXT = 'See http://127.0.0.1:8000/verify?code=1&x=2. <script>alert("x")</script>\n'


def page_of(platform: Platform, **settings: object) -> httpx.AsyncClient:
    registry = Registry((kernel, App("mail", "Mail", "kernel", root_routers=(router,))))
    changed = platform.settings.model_copy(update=settings)
    app = build_api(registry, changed)
    app.state.platform = replace(platform, settings=changed)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000")


@pytest.fixture
async def browser(platform: Platform, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with page_of(platform, mail_dir=tmp_path) as client:
        yield client


def put_mail(folder: Path, subject: str) -> str:
    job_id = uuid7()
    content = Content(subject, TEXT, "<p><img src=x onerror=alert(1)></p>\n")
    return write_eml(
        folder, job_id, compose(job_id, "a@rowhouse.example", "b@rowhouse.example", content)
    ).name


async def test_the_newest_mail_is_first(browser: httpx.AsyncClient, tmp_path: Path) -> None:
    names = [put_mail(tmp_path, f"Subject {number} <b>") for number in range(3)]
    page = (await browser.get("/dev/mail")).text
    places = [page.index(name) for name in reversed(names)]
    assert places == sorted(places)
    assert "Subject 1 &lt;b&gt;" in page


async def test_a_mail_is_shown_as_text_with_its_links(browser: httpx.AsyncClient, tmp_path: Path) -> None:
    answer = await browser.get(f"/dev/mail/{put_mail(tmp_path, 'Hello')}")
    assert '<a href="http://127.0.0.1:8000/verify?code=1&amp;x=2" rel="noreferrer">' in answer.text
    assert "<script" not in answer.text
    assert "onerror" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "style" not in answer.text


@pytest.mark.parametrize(
    "name",
    [
        "../secret.eml",
        "..%2Fsecret.eml",
        "secret.eml",
        ".hidden",
        "0-0199f3a0-0000-7000-8000-000000000001.eml",
    ],
)
async def test_only_mail_is_shown(browser: httpx.AsyncClient, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.eml").write_text("Subject: secret\n\nsecret\n")
    answer = await browser.get(f"/dev/mail/{name}")
    assert answer.status_code == 404
    assert "secret\n" not in answer.text


@pytest.mark.parametrize("change", [{"env": "production"}, {"mail_dir": None}])
async def test_there_is_no_page_where_mail_is_real(
    platform: Platform, tmp_path: Path, change: dict[str, object]
) -> None:
    name = put_mail(tmp_path, "Hello")
    async with page_of(platform, **{"mail_dir": tmp_path, **change}) as client:
        assert (await client.get("/dev/mail")).status_code == 404
        assert (await client.get(f"/dev/mail/{name}")).status_code == 404
