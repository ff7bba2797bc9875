"""Every metric that Rowhouse exports, and the functions that count.

A label takes few values, all of our own making: a route's pattern, a kind of job, an error's code. Never an id, an
address or a name: each would be a series of its own for ever. Every metric has a label, so that its values are made
when they are first counted, which is after `exporting.begin` has decided where they are kept.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from rowhouse.kernel.errors import every_error

REGISTRY = CollectorRegistry()

NOT_FOUND = 404
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUEST_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
JOB_BUCKETS_S = (0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)

REQUESTS = Counter(
    "rowhouse_http_requests_total",
    "Requests answered, by the route's pattern.",
    ("method", "route", "status"),
    registry=REGISTRY,
)
REQUEST_SECONDS = Histogram(
    "rowhouse_http_request_duration_seconds",
    "From the first byte asked to the last byte answered.",
    ("method", "route"),
    buckets=REQUEST_BUCKETS_S,
    registry=REGISTRY,
)
IN_FLIGHT = Gauge(
    "rowhouse_http_requests_in_flight",
    "Requests under way, sampled every second.",
    ("door",),
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
PROBLEMS = Counter(
    "rowhouse_problems_total", "Answers that were a problem, by its code.", ("code",), registry=REGISTRY
)
ISOLATION_REFUSALS = Counter(
    "rowhouse_isolation_refusals_total",
    "What a wall refused: PostgreSQL's policy, a missing permission, an id that is nobody's or another's.",
    ("wall",),
    registry=REGISTRY,
)
LIMITS_EXCEEDED = Counter(
    "rowhouse_limits_exceeded_total", "Requests refused by a limit.", ("policy",), registry=REGISTRY
)
SECURITY_EVENTS = Counter(
    "rowhouse_security_events_total",
    "Security events that people were told of.",
    ("kind",),
    registry=REGISTRY,
)
HONEYPOT_TOUCHES = Counter(
    "rowhouse_honeypot_touches_total",
    "Requests that touched what nobody has a reason to touch, by the kind of decoy.",
    ("decoy",),
    registry=REGISTRY,
)
POOL_CONNECTIONS = Gauge(
    "rowhouse_database_pool_connections",
    "Connections of the API's pools, sampled every second.",
    ("pool", "state"),
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
POOL_TIMEOUTS = Counter(
    "rowhouse_database_pool_timeouts_total",
    "Requests that got no connection in time.",
    ("pool",),
    registry=REGISTRY,
)
CACHE_REQUESTS = Counter(
    "rowhouse_cache_requests_total", "Questions to a cache.", ("cache", "outcome"), registry=REGISTRY
)
PART_HEALTH = Gauge(
    "rowhouse_part_healthy",
    "1 while a part is well, 0 while it is not, as the API sees it.",
    ("part", "essential"),
    registry=REGISTRY,
    multiprocess_mode="livemostrecent",
)
JOBS_ENDED = Counter(
    "rowhouse_job_attempts_total",
    "Attempts at jobs: succeeded, failed, cancelled, or released to be tried again.",
    ("kind", "outcome"),
    registry=REGISTRY,
)
JOB_SECONDS = Histogram(
    "rowhouse_job_duration_seconds",
    "How long an attempt took.",
    ("kind",),
    buckets=JOB_BUCKETS_S,
    registry=REGISTRY,
)
WEBHOOKS = Counter(
    "rowhouse_webhooks_total",
    "Webhooks: taken in from a provider, or posted to an organization's endpoint, by what became of each.",
    ("direction", "name", "outcome"),
    registry=REGISTRY,
)
CONNECTIONS = Counter(
    "rowhouse_connections_total",
    "Connections to outside services made, renewed and revoked, by what became of each try.",
    ("service", "what", "outcome"),
    registry=REGISTRY,
)
SERVICE_LIMIT_USED = Gauge(
    "rowhouse_service_limit_used_ratio",
    "How much is used of the limit that an outside service sets all organizations together, of the fullest of several.",
    ("service",),
    registry=REGISTRY,
    multiprocess_mode="livemostrecent",
)
SYNCS = Counter(
    "rowhouse_syncs_total",
    "Attempts at syncs of providers, by what became of each.",
    ("provider", "outcome"),
    registry=REGISTRY,
)
QUEUE_JOBS = Gauge(
    "rowhouse_queue_jobs",
    "Jobs by queue: due and waiting, due and paused with their organization, waiting for their time, or running.",
    ("queue", "state"),
    registry=REGISTRY,
    multiprocess_mode="livemostrecent",
)
QUEUE_AGE = Gauge(
    "rowhouse_queue_oldest_age_seconds",
    "For how long the oldest waiting job has been due; one that is paused with its organization is left out.",
    ("queue",),
    registry=REGISTRY,
    multiprocess_mode="livemostrecent",
)
REDIS_MEMORY = Gauge(
    "rowhouse_redis_memory_bytes",
    "Redis' memory, used and at most (0: no bound).",
    ("kind",),
    registry=REGISTRY,
    multiprocess_mode="livemostrecent",
)
FIGURES = Gauge(
    "rowhouse_business_figure",
    "Counts over the platform, by what they are of.",
    ("figure", "of"),
    registry=REGISTRY,
    multiprocess_mode="livemostrecent",
)
BACKED_UP_AT = Gauge(
    "rowhouse_backup_newest_timestamp_seconds",
    "When the newest finished backup of everything was made; told by `rowhouse backup --keep`.",
    registry=REGISTRY,
    multiprocess_mode="livemostrecent",
)
WAL_KEPT_AT = Gauge(
    "rowhouse_backup_wal_kept_timestamp_seconds",
    "Up to when the write-ahead log is in the place of backups; told by `rowhouse backup --keep`.",
    registry=REGISTRY,
    multiprocess_mode="livemostrecent",
)
SAMPLED_AT = Gauge(
    "rowhouse_sampled_timestamp_seconds",
    "When the scheduler last took a sample.",
    ("sample",),
    registry=REGISTRY,
    multiprocess_mode="livemostrecent",
)
AUDIT_PROBLEMS = Counter(
    "rowhouse_audit_verifications_total",
    "Verifications of an audit chain: whole, or broken.",
    ("outcome",),
    registry=REGISTRY,
)

_known: dict[Counter, Iterable[str]] = {
    ISOLATION_REFUSALS: ("policy", "permission", "identifier"),
    LIMITS_EXCEEDED: ("user", "organization", "anonymous", "auth"),
    POOL_TIMEOUTS: ("session", "read"),
    AUDIT_PROBLEMS: ("whole", "broken"),
}
"""Values that are exported as 0 from the start: a counter that begins with its first count shows no increase."""


def know(counter: Counter, labels: Iterable[str]) -> None:
    """Has a feature's values of the only label exported as 0 from the start."""
    _known[counter] = labels


def know_jobs(kinds: Iterable[str]) -> None:
    for kind in kinds:
        for outcome in ("succeeded", "failed", "cancelled", "release"):
            JOBS_ENDED.labels(kind, outcome)


def know_services(names: Iterable[str]) -> None:
    for name in names:
        SYNCS.labels(name, "shape_unknown")


def prepare() -> None:
    """Makes the series that are known beforehand."""
    codes = [error.code for error in every_error() if error.__module__.startswith("rowhouse.")]
    for counter, labels in {**_known, PROBLEMS: codes}.items():
        for label in labels:
            counter.labels(label)


@dataclass(slots=True)
class Tally:
    """Answers of one kind since the last `tell_requests`; `buckets` are how many fell into each, not added up."""

    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(REQUEST_BUCKETS_S) + 1))


_tallies: dict[tuple[str, str, int], Tally] = {}


def request_answered(method: str, route: str, status: int, seconds: float) -> None:
    """Counts one answer, in this process's memory: the library would take longer for it than a tenth of the request's
    own work. `tell_requests` passes it on."""
    key = (method if method in METHODS else "other", route, status)
    tally = _tallies.get(key)
    if tally is None:
        tally = _tallies[key] = Tally()
    tally.seconds += seconds
    tally.buckets[bisect_left(REQUEST_BUCKETS_S, seconds)] += 1


def tell_requests() -> None:
    """Adds what was counted since the last time to the metrics."""
    for (method, route, status), tally in _tallies.items():
        count = sum(tally.buckets)
        if not count:
            continue
        REQUESTS.labels(method, route, status).inc(count)
        histogram = REQUEST_SECONDS.labels(method, route)
        # The library observes one by one only.
        histogram._sum.inc(tally.seconds)  # noqa: SLF001
        for bucket, more in zip(histogram._buckets, tally.buckets, strict=True):  # noqa: SLF001
            if more:
                bucket.inc(more)
        if status == NOT_FOUND and "{" in route:
            ISOLATION_REFUSALS.labels("identifier").inc(count)
        tally.seconds, tally.buckets = 0.0, [0] * len(tally.buckets)
    for hit, count in enumerate(_states):
        CACHE_REQUESTS.labels("roles", "hit" if hit else "miss").inc(count)
        _states[hit] = 0


def problem_answered(code: str) -> None:
    PROBLEMS.labels(code).inc()


def wall_refused(wall: str) -> None:
    ISOLATION_REFUSALS.labels(wall).inc()


def limit_exceeded(policy: str) -> None:
    LIMITS_EXCEEDED.labels(policy).inc()


def security_event_raised(kind: str) -> None:
    SECURITY_EVENTS.labels(kind).inc()


def pool_timed_out(pool: str) -> None:
    POOL_TIMEOUTS.labels(pool).inc()


def cache_asked(cache: str, *, hit: bool) -> None:
    """For kernel/cache: `cache` is what is cached (`roles`), never a key."""
    CACHE_REQUESTS.labels(cache, "hit" if hit else "miss").inc()


_states = [0, 0]
"""How often a session's state, with its role and permissions, was not remembered and was, since `tell_requests`."""


def state_asked(*, hit: bool) -> None:
    """As `cache_asked`, for what every request asks: counted in memory."""
    _states[hit] += 1


def job_attempted(kind: str, outcome: str, seconds: float) -> None:
    JOBS_ENDED.labels(kind, outcome).inc()
    JOB_SECONDS.labels(kind).observe(seconds)


def audit_verified(*, whole: bool) -> None:
    AUDIT_PROBLEMS.labels("whole" if whole else "broken").inc()
