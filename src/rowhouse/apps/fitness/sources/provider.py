"""What a provider is to us: a declaration as data, and an adapter that speaks its language.

Adding one: a folder with `declaration.py` (a `Provider`), `adapter.py` (an `Adapter`) and `reading.py` (its words into
`Recording`s), and its line in `providers.py`. The adapter asks through `Calls`, which shows the token, keeps to the
quota and knows what statuses mean; it holds no state and opens no transaction. What the lists of a provider tell must
be enough to see whether a thing has changed.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from rowhouse.apps.fitness.biometrics.measurement import Measurement
from rowhouse.apps.fitness.recordings.recording import Recording
from rowhouse.kernel.connections.service_kinds import ServiceKind
from rowhouse.kernel.limits.service_quotas import Quota

if TYPE_CHECKING:
    from rowhouse.apps.fitness.sources.calls import Calls
    from rowhouse.kernel.connections.asking import Asker
    from rowhouse.kernel.oauth.fetching import Answer
    from rowhouse.kernel.webhooks.incoming.provider import WebhookProvider

Cursor = Mapping[str, Any]
"""JSON, an adapter's own; kept with each page."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """`format` is that of its decoder, or `json`."""

    format: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a provider. `raw` is JSON as the provider said it, `file` the file of the device where it gives that:
    then this is what is kept as the original."""

    external_id: str
    version: str
    raw: Mapping[str, Any]
    file: SourceFile | None = None

    def kept(self) -> tuple[SourceFile, bytes]:
        """The original, the same bytes for the same words, and the digest of all that it says. A file that the provider
        names anew is another original, and so is one of the same bytes that the athlete uploads."""
        words = orjson.dumps(dict(self.raw), option=orjson.OPT_SORT_KEYS)
        digest = hashlib.sha256(words)
        if self.file is not None:
            digest.update(self.file.data)
        return self.file or SourceFile("json", words), digest.digest()


@dataclass(frozen=True, slots=True)
class Page:
    """What a list told, and where to go on; `more` says whether at once. A `bulk` page is history, which waits when the
    quota gets short."""

    items: Sequence[Item]
    cursor: Cursor
    more: bool
    bulk: bool


class Adapter(Protocol):
    async def page(self, calls: "Calls", cursor: Cursor | None) -> Page:
        """The next page: the newest first at the first sync, then what is new or changed since."""

    async def complete(self, calls: "Calls", item: Item) -> Item:
        """The item with all that is kept of it, where a list tells less. Raises `Missing`."""

    async def one(self, calls: "Calls", external_id: str) -> Item:
        """One thing by its id, complete. Raises `Missing`."""

    def recordings(self, item: Item, received_at: datetime) -> Sequence[Recording]:
        """What a complete item says, in our shape; pure. Raises `ShapeUnknown`."""

    def quotas(self, headers: Mapping[str, str], at: datetime) -> Sequence[Quota]:  # noqa: ARG002 - many tell none
        """What the headers of an answer say of the limits; `at` is when it was asked for. Nothing by default: then a 429
        says when to come again."""
        return ()


Measurements = Callable[[Item], Sequence[Measurement]]
Opened = Callable[["Answer"], "Answer"]
Subscribe = Callable[["Asker", str, str], Awaitable[None]]
Hinted = Callable[["Calls", Mapping[str, Any]], Awaitable[Sequence[Item]]]


@dataclass(frozen=True, slots=True)
class Provider:
    """`every_s`: how often the clock looks for what is new. `price_usd` is that of a call. `measurements` is what
    an item says of the body, in our units; pure. `opened` makes an answer that says inside how it went one that HTTP
    would have given. `subscribe` has the provider send webhooks to an address, whose verification shows a token, and keeps
    it from forgetting that: asked every day. `hinted` fetches what a webhook
    has pointed at where that is more than one thing by its id. `unconfirmed` are facts that no document of the
    provider's own tells: where they prove wrong, they are constants of the declaration or the adapter, or settings."""

    service: ServiceKind
    adapter: Adapter
    measurements: Measurements | None = None
    opened: Opened | None = None
    subscribe: Subscribe | None = None
    hinted: "Hinted | None" = None
    unconfirmed: tuple[str, ...] = ()
    every_s: int = 6 * 3600
    price_usd: float = 0.0
    webhook: "WebhookProvider | None" = None

    @property
    def name(self) -> str:
        return self.service.name

    @property
    def title(self) -> str:
        return self.service.title


def digest(*said: object) -> str:
    """A version of a thing, from what a list says of it."""
    return hashlib.sha256(orjson.dumps(said, default=str)).hexdigest()[:32]
