"""Fixtures of the tests of notices."""

from tests.kernel.membership.fixtures import letters, make_member, team

__all__ = ["letters", "make_member", "team"]
