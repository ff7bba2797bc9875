"""Email addresses and names as people type them: made one of a kind, or refused.

Addresses are folded by NFKC and case, so that one mailbox has one key, and their local part is ASCII, so that no
letter of another script can pass for a Latin one; a domain is kept in its ASCII form, where a look-alike shows.
"""

import re
import unicodedata
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

EMAIL_CHARACTERS = 254
NAME_CHARACTERS = 100
ADDRESS = re.compile(r"\w:[/\\]{2}|\bwww\.\w|\w\.\w{2,}[/\\:?#]\S|\w@\w+[\w-]*\.\w", re.IGNORECASE)
"""A scheme, `www.`, a host with a path or port, a mailbox."""
JOINERS = frozenset("\u200c\u200d")
"""Zero-width (non-)joiner: invisible, and yet needed to write names in Persian and Indic scripts."""


def clean_email(text: str) -> str:
    """The address as mail is sent to it; raises `ValueError` with what is wrong."""
    folded = unicodedata.normalize("NFKC", text.strip())
    # The test environment only means that addresses below .test are taken too.
    found = validate_email(
        folded, check_deliverability=False, allow_smtputf8=False, test_environment=True, strict=True
    )
    if found.ascii_email is None or len(found.ascii_email) > EMAIL_CHARACTERS:
        raise ValueError(f"The address is longer than {EMAIL_CHARACTERS} characters.")
    return found.ascii_email


def email_key(email: str) -> str:
    """What an address is found by: the same for every spelling of one mailbox."""
    return email.casefold()


def clean_name(text: str) -> str:
    """A name on one line without invisible characters; raises `ValueError`."""
    name = " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()
    if any(_unfit(character) for character in name):
        raise ValueError("A name holds no line breaks, control characters or invisible ones.")
    if not name.strip("".join(JOINERS)):
        raise ValueError("A name has at least one visible character.")
    return name


def holds_address(name: str) -> bool:
    """Whether a name is, or holds, an address of the web or of mail: mail in our name would carry it to strangers. The
    bare name of a site passes, since companies are called so."""
    return ADDRESS.search(unicodedata.normalize("NFKC", name)) is not None


def _unfit(character: str) -> bool:
    category = unicodedata.category(character)
    return (category[0] == "C" and character not in JOINERS) or category in ("Zl", "Zp")


def _email(text: str) -> str:
    try:
        return clean_email(text)
    except (EmailNotValidError, ValueError) as error:
        raise PydanticCustomError("email_invalid", "This is no email address we can write to.") from error


def _name(text: str) -> str:
    try:
        name = clean_name(text)
    except ValueError as error:
        raise PydanticCustomError("name_invalid", "A name is one line of visible characters.") from error
    if holds_address(name):
        raise PydanticCustomError("name_invalid", "A name holds no web or mail address.")
    return name


Email = Annotated[
    str, Field(max_length=EMAIL_CHARACTERS, json_schema_extra={"format": "email"}), AfterValidator(_email)
]
Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS), AfterValidator(_name)]
