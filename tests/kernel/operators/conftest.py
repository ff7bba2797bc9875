"""Fixtures of the tests of operators."""

from tests.kernel.identity.fixtures import make_caller, quick_refusals, strict_app

__all__ = ["make_caller", "quick_refusals", "strict_app"]
