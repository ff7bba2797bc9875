"""Fixtures of the tests of second factors."""

from tests.kernel.identity.fixtures import (
    caller,
    mailbox,
    make_caller,
    make_person,
    person,
    quick_refusals,
    strict_app,
)

__all__ = ["caller", "mailbox", "make_caller", "make_person", "person", "quick_refusals", "strict_app"]
