"""Sealing, digests, and the rotation of the master key."""

import base64

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from rowhouse.kernel.secrets.sealing import BadMasterKey, Sealer, Unsealable

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@given(st.binary(max_size=500))
def test_what_is_sealed_opens_and_shows_nothing(data: bytes) -> None:
    sealer = Sealer(OLD)
    sealed = sealer.seal(data)
    assert sealer.open(sealed) == data
    assert len(data) < 8 or data not in base64.urlsafe_b64decode(sealed)


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    sealer = Sealer(OLD)
    assert sealer.seal(b"secret") != sealer.seal(b"secret")


def test_a_mapping_comes_back() -> None:
    sealer = Sealer(OLD)
    assert sealer.open_mapping(sealer.seal({"email": "a@b.example", "n": 1})) == {
        "email": "a@b.example",
        "n": 1,
    }
    with pytest.raises(Unsealable):
        sealer.open_mapping(sealer.seal(b"[1]"))


def test_rotation_loses_nothing() -> None:
    before, during, after = Sealer(OLD), Sealer(f"{NEW}, {OLD}"), Sealer(NEW)
    sealed = before.seal(b"secret")
    assert during.open(sealed) == b"secret"
    with pytest.raises(Unsealable):
        after.open(sealed)
    assert after.open(during.reseal(sealed)) == b"secret"
    assert after.open(during.seal(b"new")) == b"new"


@pytest.mark.parametrize("position", [0, 20, -5])
def test_what_was_altered_does_not_open(position: int) -> None:
    sealer = Sealer(OLD)
    sealed = bytearray(base64.urlsafe_b64decode(sealer.seal(b"some secret")))
    sealed[position] ^= 1
    with pytest.raises(Unsealable):
        sealer.open(base64.urlsafe_b64encode(sealed).decode())


@pytest.mark.parametrize("nonsense", ["", "x", "not base64 at all", "äöü"])
def test_nonsense_does_not_open(nonsense: str) -> None:
    with pytest.raises(Unsealable):
        Sealer(OLD).open(nonsense)
    with pytest.raises(Unsealable):
        Sealer(OLD).reseal(nonsense)


def test_a_digest_depends_on_key_purpose_and_data() -> None:
    digests = {
        Sealer(key).digest(purpose, data) for key in (OLD, NEW) for purpose in "ab" for data in (b"1", b"2")
    }
    assert len(digests) == 8
    assert Sealer(OLD).digest("a", b"1") == Sealer(OLD).digest("a", b"1")
    assert all(len(digest) == 64 for digest in digests)


def test_a_digest_is_recognised_after_rotation() -> None:
    digest = Sealer(OLD).digest("code", b"123456")
    rotated = Sealer(f"{NEW},{OLD}")
    assert rotated.matches("code", b"123456", digest)
    assert not rotated.matches("code", b"123457", digest)
    assert not rotated.matches("other", b"123456", digest)
    assert not Sealer(NEW).matches("code", b"123456", digest)


@pytest.mark.parametrize(
    "keys",
    ["", " , ", "short", f"{OLD},short", OLD[:-2], "ü" * 44],
    ids=["empty", "commas", "short", "one short", "cut", "not ASCII"],
)
def test_a_bad_master_key_is_refused_without_being_told(keys: str) -> None:
    with pytest.raises(BadMasterKey, match="ROWHOUSE_MASTER_KEY") as refused:
        Sealer(keys)
    assert OLD[:-2] not in str(refused.value)
    assert refused.value.__cause__ is None
