"""Fixtures of the tests of passkeys."""

from tests.kernel.identity.fixtures import quick_refusals
from tests.live import live_run

__all__ = ["live_run", "quick_refusals"]
