"""Passwords: which are good enough, and how they are kept.

Hashing takes tens of milliseconds and 64 MiB by intention (Argon2id with the parameters of RFC 9106, second
choice), so it happens in a few threads, never on the event loop, and only so many may wait.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
from zxcvbn import zxcvbn

from rowhouse.kernel.errors import InvalidInput
from rowhouse.kernel.identity.errors import SignInBusy
from rowhouse.kernel.identity.texts import email_key

SHORTEST = 12
LONGEST = 256
WEAKEST_SCORE = 3
SCORED_CHARACTERS = 40
SUBSTITUTES = frozenset("4@8({[<3691!|70$5+%2")
SCORED_SUBSTITUTES = 10
"""zxcvbn tries all combinations of the letters that such characters may stand for: with all twenty it takes seconds,
with ten a tenth of one. What is strong by its beginning is strong, so only a beginning is scored."""
WAITING_AT_MOST = 100
BCRYPT_BYTES = 72

P = ParamSpec("P")
R = TypeVar("R")


class ImportedBcrypt(BcryptHasher):
    """Verifies hashes made elsewhere, which looked at 72 bytes and ignored the rest."""

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002  # pwdlib's name
        given = password.encode() if isinstance(password, str) else password
        return super().verify(given[:BCRYPT_BYTES], hash)


_hashes = PasswordHash((Argon2Hasher(), ImportedBcrypt()))
_threads = ThreadPoolExecutor(max_workers=max(1, min(4, os.cpu_count() or 1)), thread_name_prefix="password")
_waiting = 0


async def check_password(password: str, *, email: str, name: str) -> None:
    """Raises `InvalidInput` for the field `password` with what to do about it."""
    if len(password) < SHORTEST:
        raise _refused(
            "password_too_short", f"Use at least {SHORTEST} characters; a few unrelated words do well."
        )
    if len(password) > LONGEST:
        raise _refused("password_too_long", f"Use at most {LONGEST} characters.")
    if email_key(password.strip()) in (email_key(email), email_key(email).partition("@")[0]):
        raise _refused("password_is_email", "Choose something else than your email address.")
    advice = await _in_thread(_weakness, password, email, name)
    if advice is not None:
        raise _refused("password_too_weak", advice)


async def hash_password(password: str) -> str:
    """Argon2id, in PHC string format."""
    return await _in_thread(_hashes.hash, password)


async def verify_password(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether it matches, and a new hash when the stored one is bcrypt's or outdated. Without a stored hash it does
    the same work and answers no."""
    return await _in_thread(_verify, password, stored)


def _verify(password: str, stored: str | None) -> tuple[bool, str | None]:
    decoy = _decoy()
    try:
        matches, better = _hashes.verify_and_update(password, stored or decoy)
    except UnknownHashError:
        return False, None
    return (matches, better) if stored is not None else (False, None)


def _weakness(password: str, email: str, name: str) -> str | None:
    """What to do about a guessable password, or None for a good one."""
    found = zxcvbn(_beginning(password), user_inputs=["rowhouse", email, *email.split("@"), *name.split(" ")])
    if found["score"] >= WEAKEST_SCORE:
        return None
    feedback = found["feedback"]
    sentences = [feedback["warning"], *feedback["suggestions"]] if feedback else []
    said = " ".join(s if s.endswith(".") else f"{s}." for s in sentences if s)
    return said or "It is too easy to guess. Add another word or two; uncommon words are better."


def _beginning(password: str) -> str:
    """As much of the password as can be scored in bounded time."""
    seen: set[str] = set()
    for end, character in enumerate(password[:SCORED_CHARACTERS]):
        seen |= {character} & SUBSTITUTES
        if len(seen) > SCORED_SUBSTITUTES:
            return password[:end]
    return password[:SCORED_CHARACTERS]


@cache
def _decoy() -> str:
    return _hashes.hash("what an unknown email is checked against")


async def _in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    global _waiting  # noqa: PLW0603  # one count for the one pool of threads of this process
    if _waiting >= WAITING_AT_MOST:
        raise SignInBusy
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, lambda: work(*args, **kwargs))
    finally:
        _waiting -= 1


def _refused(code: str, message: str) -> InvalidInput:
    return InvalidInput.of("password", code, message)
