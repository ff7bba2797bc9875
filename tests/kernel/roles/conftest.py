"""Members of one organization, each with a client of their own."""

from tests.kernel.access.members import make_member, team
from tests.kernel.identity.fixtures import caller, make_caller

__all__ = ["caller", "make_caller", "make_member", "team"]
