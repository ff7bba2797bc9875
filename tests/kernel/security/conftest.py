"""Fixtures of the tests of security events, devices and lock-outs."""

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
