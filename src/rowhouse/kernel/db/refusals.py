"""What PostgreSQL's walls refuse, counted where it comes back: in a request, a job or a chore, whoever catches it."""

from typing import TYPE_CHECKING

import structlog
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import event

from rowhouse.kernel.observability.metrics import wall_refused

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import ExceptionContext

log = structlog.get_logger(__name__)


def watch_refusals(engine: "Engine") -> None:
    """Counts those of all its statements."""
    event.listen(engine, "handle_error", _failed)


def note_refusal(error: BaseException | None) -> None:
    """Counts the error if a policy or a missing privilege is behind it, and leaves a line with whom it was for."""
    if isinstance(error, InsufficientPrivilege):
        log.error("policy_refused", reason=error.diag.message_primary)
        wall_refused("policy")


def _failed(failure: "ExceptionContext") -> None:
    note_refusal(failure.original_exception)
