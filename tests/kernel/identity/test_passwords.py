"""Passwords: which are refused and why, and how they are kept."""

import asyncio
import time

import bcrypt
import pytest

from rowhouse.kernel.errors import InvalidInput
from rowhouse.kernel.identity import passwords
from rowhouse.kernel.identity.errors import SignInBusy
from rowhouse.kernel.identity.passwords import check_password, hash_password, verify_password
from rowhouse.kernel.identity.people import create_person
from rowhouse.kernel.platform import Platform
from tests.conftest import REAL_HASHES
from tests.kernel.identity.doubles import PASSWORD


@pytest.fixture(autouse=True)
def real_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hashes", REAL_HASHES)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-otter", "password_too_short"),
        ("aaaaaaaaaaaaaaaa", "password_too_weak"),
        ("password1234", "password_too_weak"),
        ("AdaLovelace1@Example.com", "password_is_email"),
        ("adalovelace1", "password_is_email"),
        (PASSWORD * 11, "password_too_long"),
    ],
)
async def test_a_bad_password_is_refused_with_advice(password: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await check_password(password, email="adalovelace1@example.com", name="Ada")
    (error,) = caught.value.errors
    assert (error.field, error.code) == ("password", code)
    assert error.message
    assert password not in error.message


async def test_ones_own_name_does_not_strengthen_a_password() -> None:
    with pytest.raises(InvalidInput) as caught:
        await check_password("wolfeschlegel", email="w@example.com", name="Hubert Wolfeschlegel")
    assert caught.value.errors[0].code == "password_too_weak"


async def test_scoring_takes_bounded_time_whatever_the_password() -> None:
    started = time.process_time()
    await check_password("4@8({[</369&#!1|0$5+7%2" * 11, email="w@example.com", name="Ada")
    assert time.process_time() - started < 1


async def test_argon2id_is_kept_and_verified() -> None:
    stored = await hash_password(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert await verify_password(PASSWORD, stored) == (True, None)
    assert await verify_password(PASSWORD + "x", stored) == (False, None)


@pytest.mark.parametrize("password", [PASSWORD, "ü" * 60])
async def test_bcrypt_from_elsewhere_is_verified_and_replaced(password: str) -> None:
    stored = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    matches, better = await verify_password(password, stored)
    assert matches
    assert better is not None
    assert better.startswith("$argon2id$")
    assert await verify_password(password, better) == (True, None)
    assert await verify_password("something else", stored) == (False, None)


async def test_without_a_stored_hash_nothing_matches() -> None:
    assert await verify_password("what an unknown email is checked against", None) == (False, None)
    assert await verify_password(PASSWORD, "no hash at all") == (False, None)


async def test_hashing_leaves_the_event_loop_free() -> None:
    """Once at least: a busy machine may leave it standing now and then."""
    tried = [await _share_of_the_longest_stop()]
    while tried[-1] >= 0.5 and len(tried) < 10:
        tried.append(await _share_of_the_longest_stop())
    assert min(tried) < 0.5, tried


async def _share_of_the_longest_stop() -> float:
    """How long the event loop stands still at most, of the time that some hashes take."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            started = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - started)
            await asyncio.sleep(0.001)

    ticking = asyncio.create_task(tick())
    started = time.perf_counter()
    await asyncio.gather(*(hash_password(PASSWORD) for _ in range(6)))
    taken = time.perf_counter() - started
    ticking.cancel()
    return longest / taken


async def test_only_so_many_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAITING_AT_MOST", 2)
    done = await asyncio.gather(*(hash_password(PASSWORD) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(one, SignInBusy) for one in done) == 3
    assert (await hash_password(PASSWORD)).startswith("$argon2id$")


async def test_who_is_made_without_a_form_has_a_good_password_too(platform: Platform) -> None:
    with pytest.raises(InvalidInput) as caught:
        await create_person(platform, "weak@example.com", "Ada", "password1234")
    assert caught.value.errors[0].code == "password_too_weak"
