"""Fixtures that the tests of identity, sessions and organizations share; each folder's conftest lists them."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.identity import (
    codes,
    email_change,
    guessing,
    magic,
    mailboxes,
    password_changes,
    registration,
    step_up,
)
from rowhouse.kernel.identity.people import create_person
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.security import events
from rowhouse.kernel.settings import Settings
from rowhouse.kit.ids import uuid7
from tests.conftest import api_on
from tests.kernel.identity.doubles import PASSWORD, Caller, Mailbox, Person, new_email

MakeCaller = Callable[..., Awaitable[Caller]]
MakePerson = Callable[..., Awaitable[Person]]

MAILING = (codes, email_change, events, magic, mailboxes, password_changes, registration, step_up)
"""The modules that send mail."""


@pytest.fixture(autouse=True)
def quick_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shortens the even wait; that it happens, and how long, has tests of its own."""
    monkeypatch.setattr(guessing, "QUANTUM_S", 0.01)


@pytest.fixture
async def make_caller(app: FastAPI) -> AsyncIterator[MakeCaller]:
    """Makes clients, each at another address."""
    async with AsyncExitStack() as stack:

        async def make(to: FastAPI = app) -> Caller:
            # A network of its own: failures of one count together.
            address = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::{secrets.token_hex(2)}"
            transport = httpx.ASGITransport(to, client=(address, 1), raise_app_exceptions=False)
            http = httpx.AsyncClient(transport=transport, base_url="https://rowhouse.test")
            return Caller(await stack.enter_async_context(http))

        yield make


@pytest.fixture
async def caller(make_caller: MakeCaller) -> Caller:
    return await make_caller()


@pytest.fixture
def strict_app(platform: Platform) -> FastAPI:
    """The API with the limits of production."""
    names = ("limits_user", "limits_anonymous", "limits_auth")
    defaults = {name: Settings.model_fields[name].default for name in names}
    settings = platform.settings.model_copy(update=defaults)
    return api_on(replace(platform, settings=settings))


@pytest.fixture
def make_person(platform: Platform) -> MakePerson:
    """Makes verified people with `PASSWORD`."""

    async def make(**more: Any) -> Person:
        email = new_email()
        return Person(email, await create_person(platform, email, "Ada Byron", PASSWORD, **more))

    return make


@pytest.fixture
async def person(make_person: MakePerson) -> Person:
    return await make_person()


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """Keeps letters instead of sending them."""
    box = Mailbox()

    async def keep(ctx: Ctx, email: str, template: str, values: Mapping[str, Any]) -> UUID:
        assert ctx.identity.user_id is not None
        box.letters.append((email, template, dict(values)))
        return uuid7()

    for module in MAILING:
        monkeypatch.setattr(module, "send_mail", keep)
    return box
