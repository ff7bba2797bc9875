"""Where webhooks may go: not to anything that is not the public web, whatever a name says the second time."""

import ssl
from collections.abc import Sequence
from ipaddress import ip_address

import pytest
import trustme

from rowhouse.kernel.errors import InvalidInput
from rowhouse.kernel.webhooks.outgoing import posting
from rowhouse.kernel.webhooks.outgoing.addresses import (
    Refused,
    Target,
    check_url,
    find_target,
    is_public,
    resolve_name,
)
from rowhouse.kernel.webhooks.outgoing.posting import post
from tests.kernel.webhooks.staging import Receiver, receiving

CLOSED = [
    "0.0.0.1",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.1.1",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:8.8.8.8",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
OPEN = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::200e"]


@pytest.mark.parametrize("address", CLOSED)
def test_no_address_but_a_public_one(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OPEN)
def test_public_addresses_are(address: str) -> None:
    assert is_public(ip_address(address))


class Names:
    """A resolver that changes its answer each time it is asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://hooks.example.com/x", "https_only"),
        ("ftp://hooks.example.com/x", "https_only"),
        ("file:///etc/passwd", "url_invalid"),
        ("https://", "url_invalid"),
        ("https:///x", "url_invalid"),
        ("hooks.example.com", "url_invalid"),
        ("https://user:pw@hooks.example.com/", "url_invalid"),
        ("https://hooks.example.com/#x", "url_invalid"),
        ("https://hooks.example.com:22/", "port_refused"),
        ("https://hooks.example.com:99999/", "url_invalid"),
        ("https://[::1/", "url_invalid"),
        ("https://hooks.example.com\\@127.0.0.1/", "url_invalid"),
        ("https://hooks.example.com/\r\nX: y", "url_invalid"),
        ("http://127.0.0.1:8000/", "https_only"),
        ("https://x/" + "y" * 2000, "url_invalid"),
    ],
)
async def test_what_is_no_address_for_a_webhook(url: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_url(url, loopback=False)
    assert [(one.field, one.code) for one in refused.value.errors] == [("url", code)]
    assert (await post(url, {}, b"{}")).error == code


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "169.254.169.254",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
    ],
)
async def test_no_way_of_writing_it_leads_inside(host: str) -> None:
    """Whatever the system's own resolver makes of it."""
    with pytest.raises(Refused) as refused:
        await find_target(f"https://{host}/", loopback=False)
    assert refused.value.code in {"address_refused", "unresolvable"}


async def test_loopback_where_it_is_allowed_is_loopback_alone(receiver: Receiver) -> None:
    assert (await post(receiver.url, {}, b"{}", loopback=True)).status == 200
    for url in ("http://10.0.0.1/", "http://hooks.example.com/"):
        assert (await post(url, {}, b"{}", loopback=True)).error == "https_only"
    outcome = await post("https://x.example/", {}, b"{}", loopback=True, resolve=Names(["10.0.0.1"]))
    assert outcome.error == "address_refused"


async def test_one_private_address_among_public_ones_refuses_all() -> None:
    names = Names(["93.184.216.34", "127.0.0.1"])
    with pytest.raises(Refused, match=r"leads to 127\.0\.0\.1"):
        await find_target("https://hooks.example.com/", loopback=False, resolve=names)


async def test_what_is_connected_to_is_what_was_checked() -> None:
    """DNS rebinding: a name that is public when it is looked at and loopback when it is connected to."""
    async with receiving() as inside:
        names = Names(["93.184.216.34"], ["127.0.0.1"])
        target = await find_target("https://rebind.example:8443/p?q=1", loopback=False, resolve=names)
        assert target.url == "https://93.184.216.34:8443/p?q=1"
        assert (target.host, target.authority) == ("rebind.example", "rebind.example:8443")
        assert (
            await post("https://rebind.example:8443/", {}, b"{}", resolve=names)
        ).error == "address_refused"
        assert names.asked == ["rebind.example"] * 2, "a try resolves once"
        assert inside.got == []


async def test_the_name_is_kept_for_tls_and_host() -> None:
    """The certificate must be the name's, although the address is what is connected to."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hooks.example").configure_cert(server)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    asked: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: asked.append(name)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with receiving(ssl=server) as receiver:
        port = receiver.url.rsplit(":", 1)[1].split("/")[0]

        async def send(host: str, trust: ssl.SSLContext | None) -> posting.Outcome:
            target = Target(
                ip_address("127.0.0.1"), host, int(port), f"https://127.0.0.1:{port}/", f"{host}:{port}"
            )

            async def found(*_: object, **__: object) -> Target:
                return target

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(posting, "find_target", found)
                return await post(f"https://{host}/", {}, b"{}", tls=trust)

        assert (await send("hooks.example", trust)).status == 200
        assert asked == ["hooks.example"]
        assert receiver.got[0][0]["host"] == f"hooks.example:{port}"
        assert (await send("other.example", trust)).error == "tls", "another's certificate"
        assert (await send("hooks.example", None)).error == "tls", "an authority that nobody trusts"
        assert len(receiver.got) == 1


async def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    async with receiving() as inside:
        receiver.answers = [f"HTTP/1.1 307 X\r\nLocation: {inside.url}\r\nContent-Length: 0\r\n\r\n".encode()]
        outcome = await post(receiver.url, {}, b"{}", loopback=True)
        assert (outcome.status, outcome.error, outcome.delivered) == (307, "redirected", False)
        assert inside.got == []


async def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert (await post(receiver.url, {}, b"{}", loopback=True)).delivered


async def test_an_answer_is_bounded_in_size_and_kept_as_harmless_text(receiver: Receiver) -> None:
    long = b"<script>\x1b[31m\x00" + b"x" * 3_000_000
    receiver.answers = [b"HTTP/1.1 200 X\r\nContent-Length: %d\r\n\r\n" % len(long) + long]
    outcome = await post(receiver.url, {}, b"{}", loopback=True)
    assert outcome.delivered
    assert outcome.response is not None
    assert len(outcome.response) == posting.EXCERPT_BYTES
    assert outcome.response.startswith("<script>\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}x")


@pytest.mark.parametrize("answer", [b"garbage\r\n\r\n", b"", b"HTTP/1.1 200 X\r\nContent-Length: -1\r\n\r\n"])
async def test_nonsense_is_a_failure_and_nothing_more(receiver: Receiver, answer: bytes) -> None:
    receiver.answers = [answer]
    assert (await post(receiver.url, {}, b"{}", loopback=True)).error == "protocol"


async def test_who_hangs_is_left_in_time(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "DEADLINE_S", 0.1)
    receiver.hang = True
    assert (await post(receiver.url, {}, b"{}", loopback=True)).error == "timeout"


async def test_where_nobody_listens() -> None:
    assert (await post("http://127.0.0.1:9/", {}, b"{}", loopback=True)).error == "unreachable"


async def test_the_systems_resolver_is_asked() -> None:
    assert "127.0.0.1" in await resolve_name("127.0.0.1", 443)
