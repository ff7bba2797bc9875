"""JSON lines through structlog. Identifiers only: what looks like a secret or an email is cut out."""

import logging
import re
import sys
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

import orjson
import structlog
from structlog.typing import EventDict, Processor

from rowhouse.kernel.observability.tracing import trace_id
from rowhouse.kernel.secrets import minting

SECRET_KEYS = re.compile(
    r"pass(word)?|secret|token|authorization|cookie|code|api_?key|dsn|email|(?<!user_)name$|address",
    re.IGNORECASE,
)
SECRET_VALUES = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"  # a JWT
    rf"|{minting.MINTED.pattern}"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"  # an email
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # credentials in a URL
)
SIGNS = ("eyJ", "@", "://", *minting.SIGNS)
"""Without one of these nothing of the above can match: looking for them is ten times cheaper."""
REDACTED = "[redacted]"
ROW_VALUES = re.compile(r"(DETAIL:|CONTEXT:|\[parameters:).*")
PLAIN_KEYS = frozenset({"event", "level", "timestamp", "logger", "error_code", "client_address"})


class Identified(Protocol):
    """What says on whose behalf something runs: `kernel.context.Identity`."""

    @property
    def organization_id(self) -> UUID | None: ...
    @property
    def user_id(self) -> UUID | None: ...
    @property
    def account_id(self) -> UUID | None: ...
    @property
    def operator_id(self) -> UUID | None: ...


def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Masks values under telling keys, and telling values under any key, nested ones too."""
    for key, value in event.items():
        event[key] = REDACTED if _tells(key) else _clean(value)
    return event


_acting: ContextVar[Identified | None] = ContextVar("acting", default=None)


def begin_lines(**ids: str | int) -> None:
    """Forgets what the lines before were about; `ids` stand in each further line of this request or job."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**ids)
    _acting.set(None)


def bind_identity(identity: Identified) -> None:
    """Puts who acts into each further line; written out only when there is one."""
    _acting.set(identity)


def who_acts(_logger: Any, _method: str, event: EventDict) -> EventDict:
    identity = _acting.get()
    if identity is not None:
        for name in ("organization_id", "user_id", "account_id", "operator_id"):
            id_ = getattr(identity, name)
            if id_ is not None:
                event.setdefault(name, str(id_))
    return event


def in_trace(_logger: Any, _method: str, event: EventDict) -> EventDict:
    trace = trace_id()
    if trace is not None:
        event["trace_id"] = trace
    return event


def without_values(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Takes out of a traceback what PostgreSQL says of the row that it refused: its values are people's."""
    if "exception" in event:
        event["exception"] = without_row(event["exception"])
    return event


def without_row(text: str) -> str:
    return ROW_VALUES.sub(r"\1 " + REDACTED, text)


def safe_text(text: str) -> str:
    """An error's text without values, secrets and addresses."""
    return SECRET_VALUES.sub(REDACTED, without_row(text))


def configure_logging(level: str = "INFO", *, process: str = "rowhouse") -> None:
    """One JSON object a line on standard output, for our own and for libraries' logs; `process` stands in each."""

    def named(_logger: Any, _method: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        who_acts,
        in_trace,
        named,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_values,
        redact,
    ]
    # Our own lines go straight to the stream: by way of the standard library each costs three times as much.
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_dump)],
        logger_factory=structlog.BytesLoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=lambda value, **_: _dump(value).decode()),
            ],
        )
    )
    logging.root.handlers = [handler]
    logging.root.setLevel(level)
    for theirs in ("uvicorn", "uvicorn.error", "uvicorn.access", "celery", "kombu", "py.warnings"):
        # They come with handlers of their own, which write plain text, and with levels of their own.
        logger = logging.getLogger(theirs)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(logging.NOTSET)
    logging.captureWarnings(True)
    for noisy in ("uvicorn.access", "httpx", "multipart"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _dump(value: Any, **_options: Any) -> bytes:
    return orjson.dumps(value, default=str)


@lru_cache(1024)
def _tells(key: str) -> bool:
    """Whether values under this key are masked. Keys are words of our own code: there are few."""
    return key not in PLAIN_KEYS and SECRET_KEYS.search(key) is not None


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return SECRET_VALUES.sub(REDACTED, value) if any(sign in value for sign in SIGNS) else value
    if isinstance(value, dict):
        return {k: REDACTED if SECRET_KEYS.search(str(k)) else _clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value
