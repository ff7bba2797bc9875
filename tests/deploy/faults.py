"""For each alert the series of its fault, and those of a day on which it must be silent, in promtool's notation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Series = Mapping[str, str]

UP = {f'up{{job="rowhouse-{door}", instance="{door}"}}': "1x120" for door in ("api", "worker", "scheduler")}
BACKED_UP = 'rowhouse_backup_newest_timestamp_seconds{job="rowhouse-backup"}'
WAL_KEPT = 'rowhouse_backup_wal_kept_timestamp_seconds{job="rowhouse-backup"}'
UP |= {BACKED_UP: "0x120", WAL_KEPT: "0+60x120"}
REQUESTS = "rowhouse_http_requests_total"
SECONDS = "rowhouse_http_request_duration_seconds_bucket"
POOL = 'rowhouse_database_pool_connections{instance="api", pool="read", state="%s"}'
REFUSED = 'rowhouse_isolation_refusals_total{wall="%s"}'
PROBLEMS = 'rowhouse_problems_total{code="%s"}'
REDIS = 'rowhouse_redis_memory_bytes{kind="%s"}'
ATTEMPTS = 'rowhouse_job_attempts_total{kind="kernel.send_mail", outcome="%s"}'
AGE = 'rowhouse_queue_oldest_age_seconds{queue="%s"}'
QUALITY = 'rowhouse_business_figure{figure="data_quality", of="workouts"}'
LIMIT_USED = 'rowhouse_service_limit_used_ratio{service="strava"}'
PART = 'rowhouse_part_healthy{part="%s", essential="%s"}'


@dataclass(frozen=True)
class Fault:
    """`series` in which the alert fires after `minutes`, once for each of `labels`; `quiet` ones in which it does not."""

    series: Series
    quiet: Series
    labels: Sequence[Mapping[str, str]] = ({},)
    minutes: int = 20
    also: Sequence[str] = field(default=())
    """Alerts that the same fault raises by right."""


def answers(errors: int, others: int) -> Series:
    return {
        f'{REQUESTS}{{status="500", route="/api/v1/workouts"}}': f"0+{errors}x120",
        f'{REQUESTS}{{status="200", route="/api/v1/workouts"}}': f"0+{others}x120",
    }


def slow(within: int, all_: int, route: str = "/api/v1/workouts") -> Series:
    return {
        f'{SECONDS}{{route="{route}", le="0.5"}}': f"0+{within}x120",
        f'{SECONDS}{{route="{route}", le="1.0"}}': f"0+{all_}x120",
        f'{SECONDS}{{route="{route}", le="+Inf"}}': f"0+{all_}x120",
        f'{REQUESTS}{{status="200", route="{route}"}}': f"0+{all_}x120",
    }


def once(series: str) -> Series:
    """One more after a quarter of an hour."""
    return {series: "0x15 1x105"}


FAULTS: Mapping[str, Fault] = {
    "ProcessAway": Fault(
        {**UP, 'up{job="rowhouse-worker", instance="worker"}': "1x10 0x110"},
        UP,
        ({"job": "rowhouse-worker", "instance": "worker"},),
    ),
    "EssentialPartAway": Fault(
        {PART % ("database", "true"): "1x10 0x110"},
        {PART % ("database", "true"): "1x10 0 1x109", PART % ("worker", "false"): "0x120"},
        ({"part": "database"},),
    ),
    "PartAway": Fault(
        {PART % ("worker", "false"): "1x10 0x110"},
        {PART % ("worker", "false"): "1x18 0x1 1x100", PART % ("redis", "false"): "0x120"},
        ({"part": "worker"},),
    ),
    "RedisAway": Fault(
        {PART % ("redis", "false"): "1x10 0x110"},
        {PART % ("redis", "false"): "1x19 0 1x100", PART % ("worker", "false"): "0x120"},
        ({"part": "redis"},),
    ),
    "RedisMemoryHigh": Fault(
        {REDIS % "used": "85x120", REDIS % "most": "100x120"},
        {REDIS % "used": "79x120", REDIS % "most": "100x120"},
    ),
    "RedisMemoryFull": Fault(
        {REDIS % "used": "96x120", REDIS % "most": "100x120"},
        {REDIS % "used": "5000x120", REDIS % "most": "0x120"},
        also=("RedisMemoryHigh",),
    ),
    "SamplesStale": Fault(
        {'rowhouse_sampled_timestamp_seconds{sample="queues"}': "0x120"},
        {'rowhouse_sampled_timestamp_seconds{sample="queues"}': "0+60x120"},
        ({"sample": "queues"},),
        minutes=25,
    ),
    "BackupOld": Fault({BACKED_UP: "-130000x120"}, {BACKED_UP: "-100000x120"}, minutes=40),
    # The keeper is well again a while later.
    "WalNotKept": Fault({WAL_KEPT: "0x120"}, {WAL_KEPT: "0x22 1320+60x98"}, minutes=30),
    "ErrorsMany": Fault(answers(5, 95), answers(1, 99)),
    "ErrorsMost": Fault(answers(30, 70), answers(1, 0), also=("ErrorsMany",)),
    "AnswersSlow": Fault(slow(90, 100), {**slow(99, 100), **slow(0, 100, "/api/v1/auth/login")}),
    "PoolFull": Fault(
        {POOL % "in_use": "8x120", POOL % "limit": "8x120"},
        {POOL % "in_use": "7x120", POOL % "limit": "8x120"},
        ({"pool": "read"},),
    ),
    "PoolTimeouts": Fault(
        once('rowhouse_database_pool_timeouts_total{pool="session"}'),
        {'rowhouse_database_pool_timeouts_total{pool="session"}': "0x120"},
        ({"pool": "session"},),
        minutes=18,
    ),
    "JobsWait": Fault({AGE % "bulk": "0+60x120"}, {AGE % "bulk": "500x120"}, ({"queue": "bulk"},)),
    "CriticalJobsWait": Fault(
        {AGE % "critical": "0+60x120"}, {AGE % "critical": "60x120", AGE % "default": "300x120"}
    ),
    "JobsFail": Fault(
        {ATTEMPTS % "failed": "0+1x120", ATTEMPTS % "succeeded": "0+4x120"},
        {ATTEMPTS % "failed": "0+1x120", ATTEMPTS % "succeeded": "0+20x120", ATTEMPTS % "release": "0+9x120"},
        ({"kind": "kernel.send_mail"},),
    ),
    "ProviderNotUnderstood": Fault(
        once('rowhouse_syncs_total{provider="strava",outcome="shape_unknown"}'),
        {'rowhouse_syncs_total{provider="strava",outcome="away"}': "0+1x120"},
        ({"provider": "strava"},),
    ),
    # A limit of a quarter of an hour is used up again and again while much is fetched.
    "ServiceLimitUsed": Fault(
        {LIMIT_USED: "0.91x120"},
        {LIMIT_USED: " ".join(["0.2 0.6 0.92x12"] * 8)},
        ({"service": "strava"},),
        minutes=35,
    ),
    "PolicyRefused": Fault(once(REFUSED % "policy"), {REFUSED % "policy": "7x120"}, ({"wall": "policy"},)),
    "IdentifiersProbed": Fault({REFUSED % "identifier": "0+50x120"}, {REFUSED % "identifier": "0+10x120"}),
    "HoneypotTouched": Fault(
        once('rowhouse_honeypot_touches_total{decoy="api_key"}'),
        {'rowhouse_honeypot_touches_total{decoy="api_key"}': "2x120"},
        ({"decoy": "api_key"},),
        minutes=18,
    ),
    "PersonUnusual": Fault(
        once('rowhouse_security_events_total{kind="ids_probed"}'),
        {'rowhouse_security_events_total{kind="new_device"}': "0+1x120"},
        ({"kind": "ids_probed"},),
        minutes=18,
    ),
    "PermissionsRefused": Fault({REFUSED % "permission": "0+30x120"}, {REFUSED % "permission": "0+5x120"}),
    "RefreshTokenReused": Fault(
        once(PROBLEMS % "refresh_token_reused"),
        {PROBLEMS % "refresh_token_reused": "3x120", PROBLEMS % "refresh_token_invalid": "0+5x120"},
        ({"code": "refresh_token_reused"},),
    ),
    "RefreshTokensReusedMany": Fault(
        {PROBLEMS % "refresh_token_reused": "0+5x120"},
        {PROBLEMS % "refresh_token_reused": "0x120"},
        also=("RefreshTokenReused",),
    ),
    "SignInsFail": Fault(
        {PROBLEMS % "invalid_credentials": "0+15x120", PROBLEMS % "invalid_factor": "0+5x120"},
        {PROBLEMS % "invalid_credentials": "0+5x120", PROBLEMS % "not_found": "0+50x120"},
    ),
    "LimitsHit": Fault(
        {'rowhouse_limits_exceeded_total{policy="auth"}': "0+100x120"},
        {'rowhouse_limits_exceeded_total{policy="auth"}': "0+10x120"},
        ({"policy": "auth"},),
    ),
    "WebhooksRefused": Fault(
        {PROBLEMS % "webhook_refused": "0+5x120"}, {PROBLEMS % "webhook_refused": "0+1x120"}
    ),
    "AuditChainBroken": Fault(
        once('rowhouse_audit_verifications_total{outcome="broken"}'),
        {'rowhouse_audit_verifications_total{outcome="whole"}': "0+1x120"},
        ({"outcome": "broken"},),
    ),
    "DataQualityLow": Fault({QUALITY: "0.3x120"}, {QUALITY: "0.8x60 0x60"}, minutes=90),
    "Unattended": Fault(
        {PART % ("database", "true"): "0x120"},
        {PART % ("database", "true"): "0x20 1x100"},
        ({"alertname": "EssentialPartAway"},),
        minutes=40,
    ),
}
