"""Operators for tests, made as on the command line and set up over HTTP."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import time

import httpx
import pyotp

from rowhouse.kernel.db.database import Database
from rowhouse.kernel.operators import service
from rowhouse.kernel.settings import Settings

PASSWORD = "quiet-otters-paddle-upstream-42"
REASON = "a member asked for help with an import"


@dataclass(slots=True)
class Operator:
    """An operator with their authenticator and a signed-in client."""

    email: str
    secret: str
    client: httpx.AsyncClient

    def code(self, steps_ahead: int = 1) -> str:
        """The code of a later time step: each is taken once, and the present one was used to set up."""
        totp = pyotp.TOTP(self.secret)
        return totp.at(int(time()) + steps_ahead * totp.interval)


@asynccontextmanager
async def administrator(settings: Settings) -> AsyncIterator[Database]:
    assert settings.admin_database_url is not None
    database = Database(settings.admin_database_url.get_secret_value(), pool_size=1)
    yield database
    await database.close()


async def set_up(admin: Database, client: httpx.AsyncClient, *, support: bool = False) -> Operator:
    """Invites an operator and signs `client` in as them."""
    email = f"{secrets.token_hex(6)}@example.org"
    token = await service.invite(admin, email, "Olive Operator", "support" if support else "operator")
    begun = (await client.post("/api/v1/admin/auth/set-up", json={"token": token})).json()["data"]
    body = {"token": token, "password": PASSWORD, "code": pyotp.TOTP(begun["secret"]).now()}
    answer = await client.post("/api/v1/admin/auth/set-up/confirm", json=body)
    assert answer.status_code == 200, answer.text
    client.headers["Authorization"] = f"Bearer {answer.json()['data']['token']}"
    return Operator(email, begun["secret"], client)
