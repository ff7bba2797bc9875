"""The doctor of isolation: every table, function, route, job, key and event with the wall that holds it."""

from rowhouse.isolation.report import report

__all__ = ["report"]
