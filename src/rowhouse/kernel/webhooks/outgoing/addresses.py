"""Where a webhook may go: https, two ports, public addresses. A name is resolved once, every address it has is looked
at, and what is connected to is the address that was looked at, never the name again."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from rowhouse.kernel.errors import InvalidInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

PORTS = frozenset({443, 8443})
LONGEST_URL = 2_000
MOST_ADDRESSES = 16
RESOLVE_WITHIN_S = 3.0

PUBLIC_V6 = ipaddress.ip_network("2000::/3")
CLOSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",  # to 6to4 relays
        "168.63.129.16/32",  # a cloud's metadata, at an address that is public by number
        "2001::/23",  # protocols' own, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: leads to the IPv4 address inside
        "3fff::/20",
    )
)
"""What `ipaddress` of some versions takes for public and is not, or leads elsewhere."""


class Refused(Exception):
    """The address is none that a webhook may go to. `code` is ours, the sentence is for the endpoint's owner."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and the name to keep for TLS and Host."""

    address: Address
    host: str
    port: int
    url: str
    authority: str


def check_url(url: str, *, loopback: bool) -> None:
    """What can be said without asking anybody; raises `InvalidInput` for the field `url`."""
    try:
        _parts(url, loopback=loopback)
    except Refused as refusal:
        raise InvalidInput.of("url", refusal.code, str(refusal)) from refusal


async def find_target(url: str, *, loopback: bool, resolve: Resolve | None = None) -> Target:
    """The address to connect to; raises `Refused`. One address of the name that is not public refuses all of it:
    names whose answers change are how such checks are got around. `loopback` opens http://127.0.0.1, and nothing else."""
    parts = _parts(url, loopback=loopback)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(RESOLVE_WITHIN_S):
            found = list(await (resolve or resolve_name)(host, port))[:MOST_ADDRESSES]
    except (OSError, TimeoutError, UnicodeError) as error:
        raise Refused("unresolvable", f"{host} has no address.") from error
    addresses = [ipaddress.ip_address(one.partition("%")[0]) for one in found]
    if not addresses:
        raise Refused("unresolvable", f"{host} has no address.")
    for address in addresses:
        if not (is_public(address) or (loopback and address.is_loopback)):
            raise Refused("address_refused", f"{host} leads to {address}, which is not a public address.")
    return Target(addresses[0], host, port, _pinned(parts, addresses[0], port), parts.netloc)


def is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in PUBLIC_V6:
        # Loopback, link-local, unique local, multicast, IPv4-mapped, NAT64 and whatever will be invented.
        return False
    if address.is_multicast or not address.is_global:
        return False
    return not any(address in network for network in CLOSED if network.version == address.version)


async def resolve_name(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _parts(url: str, *, loopback: bool) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("url_invalid", "This is not a URL.") from error
    host = parts.hostname or ""
    if (
        len(url) > LONGEST_URL
        or not host
        or any(c.isspace() or not c.isprintable() or c == "\\" for c in url)
    ):
        raise Refused("url_invalid", "This is not a URL of a web server.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused("url_invalid", "The URL has a user or a fragment, which are not sent; leave them out.")
    if loopback and parts.scheme == "http" and _is_loopback(host):
        return parts
    if parts.scheme != "https":
        raise Refused("https_only", "Webhooks are sent over https:// alone.")
    if port is not None and port not in PORTS and not (loopback and _is_loopback(host)):
        raise Refused("port_refused", "Webhooks are sent to the ports 443 and 8443 alone.")
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _pinned(parts: SplitResult, address: Address, port: int) -> str:
    written = f"[{address}]" if address.version == 6 else str(address)
    return parts._replace(netloc=f"{written}:{port}").geturl()
