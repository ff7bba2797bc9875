"""Fixtures of the tests of organizations' lives."""

from tests.kernel.membership.fixtures import admin, letters, make_member, team

__all__ = ["admin", "letters", "make_member", "team"]
