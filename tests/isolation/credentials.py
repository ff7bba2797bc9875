"""Everything a person does with what they prove themselves by, so that each of its statements is sent once."""

from collections.abc import Mapping
from typing import Any

import httpx
import pyotp
import pytest
from fastapi import FastAPI

from rowhouse.kernel.secrets.sealing import Sealer
from tests.isolation.tenants import PASSWORD

AUTH = "/api/v1/auth"
SECOND, THIRD = "four-herons-paint-quiet-harbours", "nine-badgers-carry-warm-lanterns"


class Letters:
    """The values of every mail that is asked for while this is in place: they are sealed before they are stored."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.values: list[Mapping[str, Any]] = []
        seal = Sealer.seal

        def keep(sealer: Sealer, data: bytes | Mapping[str, Any]) -> str:
            if isinstance(data, Mapping) and "values" in data:
                self.values.append(data["values"])
            return seal(sealer, data)

        patch.setattr(Sealer, "seal", keep)

    def newest(self, name: str) -> str:
        """The newest value of that name; `token` is that of the newest link."""
        if name == "token":
            return self.newest("link").partition("#token=")[2]
        return next(str(values[name]) for values in reversed(self.values) if name in values)


async def live_through_credentials(app: FastAPI, email: str) -> None:
    """Sign-up, magic link, reset, change, new address, second factor and its codes, step-up, unlocking."""
    transport = httpx.ASGITransport(app=app, client=("203.0.113.31", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        with pytest.MonkeyPatch.context() as patch:
            letters = Letters(patch)
            await _by_link_before_the_code(client, letters, f"linked-{email}")
            await _sign_up(client, letters, email)
            await _by_link(client, letters, email)
            await _passwords(client, letters, email)
            await _second_factor(client, email)
            await _mailboxes(client, letters, email)


async def _sign_up(client: httpx.AsyncClient, letters: Letters, email: str) -> None:
    await _done(client, "register", 202, email=email, password=PASSWORD, name="New")
    await _done(client, "resend-code", 202, email=email)
    await _done(client, "verify-email", email=email, code=letters.newest("code"))


async def _by_link_before_the_code(client: httpx.AsyncClient, letters: Letters, email: str) -> None:
    """Somebody who proves their mailbox by a link, and not by the code of their registration."""
    await _done(client, "register", 202, email=email, password=PASSWORD, name="New")
    await _done(client, "magic-link", 202, email=email)
    await _done(client, "magic-link/verify", token=letters.newest("token"))


async def _by_link(client: httpx.AsyncClient, letters: Letters, email: str) -> None:
    await _done(client, "magic-link", 202, email=email)
    await _done(client, "magic-link/verify", email=email, code=letters.newest("code"))
    await _done(client, "magic-link", 202, email=email)
    await _done(client, "magic-link/verify", token=letters.newest("token"))


async def _passwords(client: httpx.AsyncClient, letters: Letters, email: str) -> None:
    await _done(client, "password/forgot", 202, email=email)
    await _done(client, "password/reset", 204, token=letters.newest("token"), password=SECOND)
    await _sign_in(client, email, SECOND)
    await _done(client, "password/change", 204, old=SECOND, new=THIRD)
    await _sign_in(client, email, THIRD)


async def _second_factor(client: httpx.AsyncClient, email: str) -> None:
    begun = await _done(client, "mfa/totp")
    code = pyotp.TOTP(begun["secret"]).now()
    codes = (await _done(client, "mfa/totp/confirm", code=code))["recovery_codes"]
    challenge = await client.post(f"{AUTH}/login", json={"email": email, "password": THIRD})
    assert challenge.json()["code"] == "mfa_required", challenge.text
    done = await _done(client, "mfa/verify", mfa_token=challenge.json()["mfa_token"], code=codes[0])
    client.headers["Authorization"] = f"Bearer {done['access_token']}"
    await _done(client, "step-up", code=codes[1])
    assert (await client.get(f"{AUTH}/mfa")).status_code == 200
    await _done(client, "mfa/recovery-codes")
    assert (await client.delete(f"{AUTH}/mfa/totp")).status_code == 204


async def _mailboxes(client: httpx.AsyncClient, letters: Letters, email: str) -> None:
    await client.post(f"{AUTH}/step-up/mail")
    await _done(client, "email", 202, email=f"moved-{email}")
    await _done(client, "email/verify", 204, code=letters.newest("code"))
    await client.post(f"{AUTH}/unlock", json={"token": "x" * 43})


async def _sign_in(client: httpx.AsyncClient, email: str, password: str) -> None:
    done = await _done(client, "login", email=email, password=password)
    client.headers["Authorization"] = f"Bearer {done['access_token']}"


async def _done(client: httpx.AsyncClient, path: str, status: int = 200, **body: str) -> dict[str, Any]:
    answer = await client.post(f"{AUTH}/{path}", json=body or None)
    assert answer.status_code == status, f"{path}: {answer.text}"
    found: dict[str, Any] = answer.json()["data"] if answer.content else {}
    return found
