"""What comes of a provider's answer that is not what we were written for."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from traceback import extract_tb
from typing import TypeVar

import structlog

from rowhouse.apps.fitness.sources.errors import Missing, NotAllowed, ShapeUnknown

Found = TypeVar("Found")
TRIPPED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What reading raises that has come upon something it does not know. What the database, storage or network raise is none
of these."""
PACKAGE = Path(__file__).parents[3]

log = structlog.get_logger(__name__)


async def believed(ask: Callable[[], Awaitable[Found]]) -> Found:
    """An answer of unknown shape is asked for once more before it is believed: it may have been a mishap on the way."""
    try:
        return await _understood(ask)
    except NotAllowed:
        raise
    except ShapeUnknown as error:
        log.warning("shape_unknown_once", where=str(error))
        return await _understood(ask)


async def _understood(ask: Callable[[], Awaitable[Found]]) -> Found:
    """The answer, read; raises `ShapeUnknown` too where reading trips over it, and where a whole list is not there."""
    try:
        return await ask()
    except (Missing, *TRIPPED) as error:
        raise ShapeUnknown(_place(error)) from None


def _place(error: Exception) -> str:
    """What was raised, and the last line of ours on the way there; not its words, which quote the answer."""
    ours = [one for one in extract_tb(error.__traceback__) if PACKAGE in Path(one.filename).parents]
    return f"{type(error).__name__} at {Path(ours[-1].filename).relative_to(PACKAGE)}:{ours[-1].lineno}"
