"""Errors of ours, sent to Sentry where an operator has configured it: where in the code, and nothing of whom."""

from typing import TYPE_CHECKING, Any

from rowhouse.kernel.observability.logs import safe_text

if TYPE_CHECKING:
    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Event, Hint

KEPT = frozenset(
    {"event_id", "timestamp", "platform", "level", "environment", "release", "tags", "exception", "sdk"}
)
"""What of an event leaves: no request, cookie, header, body, person, local variable, breadcrumb or host name."""

_on = False


def begin(process: str, dsn: str, *, env: str, transport: "type[Transport] | None" = None) -> None:
    """Reports from now on; does nothing without a `dsn`. Call it after any fork."""
    global _on  # noqa: PLW0603 - one a process
    if not dsn:
        return
    # Here and not above: a process that reports nothing should not load it.
    import sentry_sdk

    sentry_sdk.init(
        dsn,
        environment=env,
        transport=transport,
        # It would gather what we then had to take out again.
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=scrubbed,
    )
    sentry_sdk.set_tag("process", process)
    _on = True


def report(error: BaseException, **tags: str) -> None:
    """Sends what went wrong; `tags` are ids and names of ours. Never waits and never raises."""
    if not _on:
        return
    import sentry_sdk

    with sentry_sdk.new_scope() as scope:
        for name, value in tags.items():
            scope.set_tag(name, value)
        scope.capture_exception(error)


def end() -> None:
    """Sends what is left."""
    global _on  # noqa: PLW0603 - likewise
    if _on:
        import sentry_sdk

        sentry_sdk.get_client().close(timeout=2.0)
        _on = False


def scrubbed(event: "Event", _hint: "Hint") -> "Event":
    known: dict[str, Any] = {name: value for name, value in event.items() if name in KEPT}
    for raised in (known.get("exception") or {}).get("values", ()):
        raised["value"] = safe_text(str(raised.get("value") or ""))
        for frame in (raised.get("stacktrace") or {}).get("frames", ()):
            frame.pop("vars", None)
    return known  # type: ignore[return-value]  # an Event with fewer keys
