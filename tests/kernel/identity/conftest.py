"""Fixtures of the tests of identity."""

from tests.kernel.identity.fixtures import (
    caller,
    mailbox,
    make_caller,
    make_person,
    person,
    quick_refusals,
    strict_app,
)
from tests.kernel.lifecycle.staging import stage

__all__ = [
    "caller",
    "mailbox",
    "make_caller",
    "make_person",
    "person",
    "quick_refusals",
    "stage",
    "strict_app",
]
