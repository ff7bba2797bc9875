"""Signing in at a provider that others have written: oidc-provider-mock, which is Authlib's server, as a process."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.conftest import PATIENCE_S
from tests.kernel.federation.conftest import Configure, MakeBrowser, refused
from tests.real_provider import ADA, running_provider


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running_provider() as issuer:
        yield issuer


async def at_provider(url: str, **form: str) -> dict[str, str]:
    """What the provider sends the browser back with after its form."""
    async with httpx.AsyncClient(timeout=PATIENCE_S) as there:
        answer = await there.post(url, data=form)
    assert answer.status_code == 302, answer.text
    query = urlsplit(answer.headers["location"]).query
    return {name: value for name, value in parse_qsl(query) if name != "state"}


@pytest.mark.parametrize("method", ["with a secret", "as a public client"])
async def test_one_signs_in_at_it(
    configure: Configure, make_browser: MakeBrowser, issuer: str, method: str
) -> None:
    secret = {"client_secret": "whatever"} if method == "with a secret" else {}
    described = {"id": "real", "title": "Real", "issuer": issuer, "client_id": "rowhouse"} | secret
    browser = await make_browser(configure(oidc_providers=[described]))
    url = await browser.begin("real")
    back = await at_provider(url, sub="ada")
    assert await browser.back(url, None, "real", back) == "/"
    assert (await browser.me())["user"]["email"] == ADA["email"]


async def test_a_no_at_it_comes_back(configure: Configure, make_browser: MakeBrowser, issuer: str) -> None:
    described = {"id": "real", "title": "Real", "issuer": issuer, "client_id": "rowhouse"}
    browser = await make_browser(configure(oidc_providers=[described]))
    url = await browser.begin("real")
    back = await at_provider(url, action="deny")
    assert refused(await browser.back(url, None, "real", back)) == "oauth_denied"
