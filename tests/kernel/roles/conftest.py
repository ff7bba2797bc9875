"""Members of one organization, each with a client of their own."""

from tests.kernel.access.members import make_member, team

__all__ = ["make_member", "team"]
