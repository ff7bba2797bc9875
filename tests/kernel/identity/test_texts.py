"""Email addresses and names: one mailbox has one key, and nothing invisible gets through."""

import unicodedata

import pytest
from email_validator import EmailNotValidError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rowhouse.kernel.identity.texts import Name, clean_email, clean_name, email_key

LETTERS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)


@given(LETTERS, LETTERS, st.booleans())
def test_every_spelling_of_a_mailbox_has_one_key(local: str, domain: str, upper: bool) -> None:
    address = f"{local}@{domain}.example"
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in local) + f"@{domain}.example"
    spelled = address.upper() if upper else wide
    assert email_key(clean_email(f" {spelled} ")) == email_key(clean_email(address)) == address


@given(LETTERS)
def test_cleaning_an_address_twice_changes_nothing(local: str) -> None:
    once = clean_email(f"{local}@münchen.example")
    assert clean_email(once) == once
    assert once.isascii()


@pytest.mark.parametrize(
    "address",
    [
        "аda@example.com",  # noqa: RUF001  # begins with a Cyrillic letter
        "ıda@example.com",  # noqa: RUF001  # dotless i
        "ada@example.com\r\nBcc: all@example.com",
        "ada\x00@example.com",
        "ada\u200b@example.com",
        '"ada b"@example.com',
        "Ada <ada@example.com>",
        "ada@[127.0.0.1]",
        "ada@example",
        "a" * 65 + "@example.com",
        "",
    ],
)
def test_a_look_alike_or_a_header_is_no_address(address: str) -> None:
    with pytest.raises((EmailNotValidError, ValueError)):
        clean_email(address)


@pytest.mark.parametrize(
    "name", ["Ada\r\nBcc: x", "Ada\x00", "Ada\u202egnp", "Ada\u2028Byron", "\u200d", "Ada\u200b", " "]
)
def test_a_name_hides_nothing(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        clean_name(name)


@pytest.mark.parametrize("name", ["Ada Byron", "Zoë", "می‌خواهم", "李小龍", "O'Neill-Łukasz"])
def test_names_of_the_world_are_names(name: str) -> None:
    assert clean_name(f"  {name} ") == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "name",
    [
        "https://evil.example",
        "Win at HTTP://evil.example/x",
        "hxxps://evil.example",
        "www.evil.example",
        "evil.example/prize",
        "evil.example:8443 x",
        "evil.example:8443",
        "evil．example/prize",  # noqa: RUF001  # wide letters fold
        "write to me@evil.example",
    ],
)
def test_a_name_holds_no_address(name: str) -> None:
    with pytest.raises(ValidationError, match="no web or mail address"):
        TypeAdapter(Name).validate_python(name)


@pytest.mark.parametrize(
    "name", ["Booking.com", "J.R.R. Tolkien", "St. John's", "A/B Testers", "Team 1:1", "@ada", "Ada & Co."]
)
def test_other_names_pass(name: str) -> None:
    assert TypeAdapter(Name).validate_python(name) == name
