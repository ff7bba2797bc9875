"""What an app says of an outside service that people connect: data, and two or three functions."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from rowhouse.kernel.connections.errors import ServiceUnknown
from rowhouse.kernel.flags.flag import Flag
from rowhouse.kernel.flags.service import is_on_for
from rowhouse.kernel.oauth.fetching import Answer
from rowhouse.kernel.settings import ConnectionCredentials, Settings

if TYPE_CHECKING:  # contexts stand on the registry, which knows these
    from rowhouse.kernel.connections.asking import Asker
    from rowhouse.kernel.connections.models import Connection
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.platform import Platform

AHEAD_S = 3600.0
"""How long before its end an access token is renewed, at most half of its life: while the service can't be asked, what
is known goes on serving for so long."""

Tokens = Mapping[str, Any]
"""The answer of a token endpoint."""

Identify = Callable[["Asker", Tokens], Awaitable[str]]
"""Who somebody is at the service, asked or read of the tokens, outside of any transaction."""
Revoke = Callable[["Asker", str], Awaitable[Answer]]
"""Ends the grant that an access token stands for; 2xx means that it is ended."""
Connected = Callable[["Ctx", "Connection"], Awaitable[None]]
"""What the app does with a new or renewed connection, in the transaction that keeps it."""


@dataclass(frozen=True, slots=True)
class ServiceKind:
    """One service. Addresses are its real ones; the setting `ROWHOUSE_CONNECTIONS` may put others in the place of their
    scheme and host, for a simulator or when the service moves.

    `scopes` are asked for, those `needed` must be granted. `refresh`: whether a refresh token is good for one use
    (`rotates`), for many (`keeps`), or there is none and the person connects again when the token ends. `more` goes into
    the authorize address, `token_form` into every question to the token endpoint, and `unwrapped` takes its answer out
    of whatever the service puts around it. With a `key_scheme` there is no page: people paste in a key of their own, and the
    token endpoint, shown it under that scheme of `Authorization`, gives access tokens until the key ends. `ended` are
    statuses of `revoke`'s answer by which the service says that it knows nothing of the grant any more; none where the
    question shows our own credentials, which are refused alike. `shared_limit`: its answers tell how much is used of
    limits that count the calls of all accounts together. `page` is where in the web people see the connection, `permission`
    what connecting it takes."""

    name: str
    title: str
    flag: Flag
    authorize_url: str
    token_url: str
    api_url: str
    page: str
    permission: str
    scopes: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    scope_joint: str = " "
    pkce: bool = False
    key_scheme: str = ""
    client_auth: Literal["client_secret_post", "client_secret_basic"] = "client_secret_post"
    refresh: Literal["rotates", "keeps", "none"] = "keeps"
    identify: Identify | None = None
    revoke: Revoke | None = None
    ended: frozenset[int] = frozenset({401})
    shared_limit: bool = False
    connected: Connected | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    token_form: Mapping[str, str] = field(default_factory=dict)
    unwrapped: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A service that has credentials here."""

    kind: ServiceKind
    credentials: ConnectionCredentials
    tls: bool

    @property
    def secret(self) -> str:
        found = self.credentials.client_secret
        return found.get_secret_value() if found else ""

    def at(self, url: str) -> str:
        """One of the service's addresses, where the operator's setting says that it is."""
        base = self.credentials.url.rstrip("/")
        if not base:
            return url
        parts = urlsplit(url)
        return f"{base}{parts.path}{'?' + parts.query if parts.query else ''}"


def find_service(platform: "Platform", name: str) -> Service:
    """A service by its name, whether or not it is offered to anybody new. Raises `ServiceUnknown`."""
    kind = platform.registry.services.get(name)
    credentials = credentials_of(platform.settings, name)
    if kind is None or credentials is None:
        raise ServiceUnknown
    return Service(kind, credentials, tls=platform.settings.env == "production")


async def is_offered(platform: "Platform", organization_id: Any, kind: ServiceKind) -> bool:
    """Whether the organization's people may connect it: it has credentials, and nobody has switched it off."""
    if credentials_of(platform.settings, kind.name) is None:
        return False
    return await is_on_for(platform, organization_id, replace(kind.flag, default=True))


def credentials_of(settings: Settings, name: str) -> ConnectionCredentials | None:
    return (settings.connections or {}).get(name)
