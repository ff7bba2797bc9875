"""What an app says of a provider that sends webhooks: data, and two or three functions."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rowhouse.kernel.settings import Settings, WebhookCredentials
from rowhouse.kernel.webhooks.incoming.signatures import Arrival, Scheme

if TYPE_CHECKING:  # contexts stand on the registry, which knows these
    from rowhouse.kernel.context import Ctx
    from rowhouse.kernel.jobs.run import JobRun

LONGEST_ID = 255
LONGEST_TYPE = 100
NOTHING = WebhookCredentials()


@dataclass(frozen=True, slots=True)
class Notice:
    """What a webhook said: the provider's id of the event, its type, the raw body. `bound` says whether its proof
    covers the body; what is not bound was asked of the provider again before it came here, where it has `confirm`."""

    id: str
    type: str
    body: bytes
    bound: bool


Read = Callable[[Arrival], tuple[str, str]]
"""The event's id and type; raises `WebhookUnreadable`. A provider without ids gives what makes one event one."""
Handle = Callable[["Ctx", Notice], Awaitable[str]]
"""Acts on a notice in one transaction, together with the mark that it was done, and says in a word what came of it. It
asks nobody over the network: for that it enqueues a job."""
Confirm = Callable[["JobRun", Notice], Awaitable[Notice | None]]
"""Asks the provider, outside of any transaction; None where the provider knows nothing of it."""
Owner = Callable[["Ctx", Notice], Awaitable[UUID | None]]
"""The organization that a notice is for, as far as a look-up can tell."""
Greets = Callable[[Arrival], bool]
"""Whether something only asks if anybody is here, before the provider has shown a key: answered, and no more."""
Handshake = Callable[[WebhookCredentials, Mapping[str, str]], Mapping[str, Any] | None]
"""The answer to the provider's GET before it sends anything; None refuses."""


def configured_for(name: str) -> Callable[[Settings], WebhookCredentials]:
    """The credentials in `ROWHOUSE_WEBHOOK_PROVIDERS`."""

    def find(settings: Settings) -> WebhookCredentials:
        return (settings.webhook_providers or {}).get(name, NOTHING)

    return find


@dataclass(frozen=True, slots=True)
class WebhookProvider:
    """One provider. It sends to `/api/v1/webhooks/{name}/{path}` with one of the configured secret paths."""

    name: str
    scheme: Scheme
    read: Read
    handle: Handle
    confirm: Confirm | None = None
    organization: Owner | None = None
    handshake: Handshake | None = None
    greets: Greets | None = None
    credentials: Callable[[Settings], WebhookCredentials] | None = None

    def __post_init__(self) -> None:
        if not self.scheme.signed and self.confirm is None:
            raise ValueError(f"{self.name} signs nothing: it needs `confirm`, to fetch before it is believed")

    def credentials_of(self, settings: Settings) -> WebhookCredentials:
        return (self.credentials or configured_for(self.name))(settings)


def hub_challenge(credentials: WebhookCredentials, query: Mapping[str, str]) -> Mapping[str, Any] | None:
    """WebSub's handshake, as Strava and Meta do it."""
    shown = query.get("hub.verify_token", "")
    if query.get("hub.mode") != "subscribe" or not credentials.is_verify_token(shown):
        return None
    return {"hub.challenge": query.get("hub.challenge", "")[:LONGEST_ID]}


def oura_challenge(credentials: WebhookCredentials, query: Mapping[str, str]) -> Mapping[str, Any] | None:
    if not credentials.is_verify_token(query.get("verification_token", "")):
        return None
    return {"challenge": query.get("challenge", "")[:LONGEST_ID]}
