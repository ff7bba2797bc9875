"""What each process of a door does first, after any fork: logs, traces, reports."""

from rowhouse.kernel.observability import reporting, tracing
from rowhouse.kernel.observability.logs import configure_logging
from rowhouse.kernel.settings import Settings


def begin(process: str, settings: Settings) -> None:
    """Logs by the settings, and traces and reports where they say so."""
    configure_logging(settings.log_level, process=process)
    tracing.begin(process, settings.otlp_endpoint)
    dsn = settings.sentry_dsn.get_secret_value() if settings.sentry_dsn else ""
    reporting.begin(process, dsn, env=settings.env)


def end() -> None:
    """Sends what is left to send."""
    tracing.end()
    reporting.end()
