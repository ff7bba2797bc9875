"""The run that the tests of the contract ask over HTTP, and people who use it."""

from tests.live import live_run

__all__ = ["live_run"]
