"""What ASVS asks of passwords, codes and tokens in figures, and of an installation before anybody is there."""

import ast
import re
from base64 import urlsafe_b64decode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI
from psycopg import sql
from sqlalchemy import update
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from rowhouse.kernel.context import Identity
from rowhouse.kernel.errors import InvalidInput
from rowhouse.kernel.identity import codes, magic, step_up
from rowhouse.kernel.identity.models import User
from rowhouse.kernel.identity.passwords import SHORTEST, check_password
from rowhouse.kernel.platform import Platform
from rowhouse.kit.time import now
from tests.attacks.described import bodies, objects
from tests.attacks.factors import enrol
from tests.isolation.conftest import Connection
from tests.kernel.identity.doubles import (
    OTHER_PASSWORD,
    PASSWORD,
    Caller,
    Mailbox,
    Person,
    code_of,
    context,
    data,
    new_email,
    signed_in,
)

SOURCE = Path(__file__).resolve().parents[2] / "src" / "rowhouse"
JITTER = {
    "apps/fitness/demo/nights.py",
    "apps/fitness/sources/calls.py",
    "apps/fitness/sources/errors.py",
    "apps/fitness/sources/syncing.py",
    "kernel/connections/connecting.py",
    "kernel/jobs/claims.py",
    "kernel/jobs/scheduling.py",
    "kernel/mail/jobs.py",
    "kernel/webhooks/outgoing/delivering.py",
}
"""Where chance only spreads work over time, or makes up a demo."""
PEOPLE = ("users", "operators", "organizations", "accounts", "api_keys", "sessions", "external_identities")
LONG = "Forty quiet herons cross the wide delta at dawn, one by one, while nobody counts them at all"


async def test_every_common_password_that_is_long_enough_is_refused() -> None:
    common = [password for password in FREQUENCY_LISTS["passwords"] if len(password) >= SHORTEST]
    assert len(FREQUENCY_LISTS["passwords"]) >= 3000
    assert common
    for password in common:
        with pytest.raises(InvalidInput):
            await check_password(password, email="w@example.com", name="Ada")


async def test_a_password_counts_letter_by_letter_and_for_years(
    caller: Caller, mailbox: Mailbox, platform: Platform
) -> None:
    """Longer than bcrypt's 72 bytes, in another case, without its end or its spaces it is another one; and it does
    not age."""
    email = new_email()
    await caller.sign_up(email, LONG)
    done = data(await caller.post("/verify-email", {"email": email, "code": mailbox.codes(email)[-1]}))
    for other in (LONG[:72], LONG[:-1], f"{LONG} ", LONG.upper(), LONG.swapcase(), LONG.replace(" ", "")):
        assert code_of(await caller.sign_in(email, other)) == (401, "invalid_credentials"), other
    me = data(await caller.get("/me", headers={"Authorization": f"Bearer {done['access_token']}"}))
    async with context(platform, Identity(user_id=me["user"]["id"])) as ctx:
        long_ago = now() - timedelta(days=3650)
        await ctx.session.execute(
            update(User).where(User.id == ctx.user).values(created_at=long_ago, updated_at=long_ago)
        )
    assert (await caller.sign_in(email, LONG)).status_code == 200


async def test_secrets_have_the_bits_that_they_should_have(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    """Typed codes a million values and ten minutes at most, recovery codes 49 bits, everything else 128 and more."""
    tokens = await signed_in(caller, person)
    await caller.post("/magic-link", {"email": person.email})
    await caller.post("/password/forgot", {"email": person.email})
    assert [code for code in mailbox.codes(person.email) if not re.fullmatch(r"\d{6}", code)] == []
    assert max(codes.LIFE, magic.LIFE, step_up.CODE_LIFE) <= timedelta(minutes=10)
    links = [mailbox.tokens(person.email, kind)[-1] for kind in ("magic_link", "password_reset")]
    key = {"name": "k", "permissions": ["kernel.jobs.read"]}
    made = data(await caller.http.post("/api/v1/api-keys", json=key))["key"].removeprefix("rh_live_")
    for secret in (*links, tokens["refresh_token"].removeprefix("rt_"), made):
        assert len(secret) * 6 >= 256 - 6, "43 letters of base64 are 256 bits"
        assert len(set(secret)) > 10
    options = data(await caller.post("/passkeys/sign-in/options"))["options"]
    challenge = options["challenge"]
    assert len(urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4))) >= 32
    begun = data(await caller.post("/mfa/totp"))
    assert len(begun["secret"]) * 5 >= 160
    confirmed = data(await caller.post("/mfa/totp/confirm", {"code": pyotp.TOTP(begun["secret"]).now()}))
    letters = [code.replace("-", "") for code in confirmed["recovery_codes"]]
    assert [code for code in letters if len(code) != 10] == []
    assert len(set(letters)) == len(letters)


def test_chance_makes_no_secret() -> None:
    """`random` can be foretold by who has seen enough of it; `secrets` can't."""
    using = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(one.name == "random" for one in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "random")
    }
    assert using <= JITTER


async def test_whatever_changes_how_one_signs_in_is_mailed(
    caller: Caller, person: Person, mailbox: Mailbox
) -> None:
    await signed_in(caller, person)
    await enrol(caller)
    data(await caller.post("/mfa/recovery-codes"))
    assert (await caller.delete("/mfa/totp")).status_code == 204
    changed = await caller.post("/password/change", {"old": PASSWORD, "new": OTHER_PASSWORD})
    assert changed.status_code == 204
    told = " ".join(mailbox.kinds(person.email))
    for words in (
        "app was added",
        "recovery codes were made",
        "app was removed",
        "password of your account was",
    ):
        assert words in told


def test_no_body_asks_for_a_hint(app: FastAPI) -> None:
    """Nor for the answer to a question, nor for where somebody went to school."""
    asked = {
        f"{body.path} {name}"
        for body in bodies(app)
        if "/auth/" in body.path
        for _, schema in objects(app, body.schema)
        for name in schema.get("properties", {})
        if re.search("hint|question|answer|maiden|birth", name)
    }
    assert asked == set()


@pytest.mark.parametrize("table", PEOPLE)
def test_an_installation_begins_with_nobody(breakable: Connection, table: str) -> None:
    """Migrated, and nothing else done: there is no account that somebody could know the password of."""
    rows: Any = breakable.execute(sql.SQL("SELECT count(*) FROM kernel.{}").format(sql.Identifier(table)))
    assert rows.fetchone() == (0,)
