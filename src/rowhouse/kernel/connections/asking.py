"""Questions to an outside service: bounded, over one kept connection, and never inside a transaction."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson

from rowhouse.kernel.connections.service_kinds import Service
from rowhouse.kernel.oauth.fetching import Answer, fetch, one_client

DEADLINE_S = 30.0
LARGEST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks one service; `token` is shown where a question is somebody's. `who` is the person's id there, where it is about
    one."""

    service: Service
    client: httpx.AsyncClient
    who: str = ""

    async def ask(
        self,
        url: str,
        *,
        token: str | None = None,
        method: str = "GET",
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        document: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`url` is one of the service's real addresses. Raises `ProviderAway` where nothing comes back that HTTP knows;
        what a status means is the caller's to say."""
        sent = {"Accept": "application/json", **(headers or {})}
        content: str | bytes | None = None
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if form is not None:
            sent["Content-Type"], content = "application/x-www-form-urlencoded", urlencode(form)
        elif document is not None:
            sent["Content-Type"], content = "application/json", orjson.dumps(document)
        return await fetch(
            self.service.at(url),
            tls=self.service.tls,
            method=method,
            headers=sent,
            content=content,
            params=params,
            client=self.client,
            deadline_s=DEADLINE_S,
            largest_bytes=LARGEST_BYTES,
        )


@asynccontextmanager
async def asking(service: Service, who: str = "") -> AsyncIterator[Asker]:
    """An asker for as long as the block runs."""
    async with one_client() as client:
        yield Asker(service, client, who)
