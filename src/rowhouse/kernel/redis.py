"""The Redis client and every key that Rowhouse writes: nowhere else is a key spelled out.

Keys that carry a tenant's data begin with `org:{organization_id}:`. The others hold no tenant's data:
`session:` the state of one session, `rate:` a counter, `attempts:` failed tries, `unusual:` how much somebody asks, `streams:` live streams that are open, `passkey:` a challenge, `oauth:` a sign-in at a provider,
`cache:` what operators set for everybody, `quota:` how much of an outside service's limits is used,
`heartbeat:` a process's sign of life, `celery:` (the broker's own prefix, `jobs/broker.py`) ids of jobs.
"""

import hashlib
from uuid import UUID

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError


def connect(url: str, *, connections: int = 32) -> Redis:
    """A client that fails within two seconds rather than hang, and repeats a lost connection once."""
    pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=2,
        socket_timeout=2,
        socket_connect_timeout=1,
        health_check_interval=30,
        retry=Retry(ExponentialWithJitterBackoff(cap=0.1, base=0.01), 1),
        retry_on_error=[RedisConnectionError],
    )
    return Redis.from_pool(pool)


def session_key(session_id: UUID) -> str:
    return f"session:{session_id}"


def limit_key(policy: str, subject: str) -> str:
    """The counter of one policy for one subject; hashed, so that no address or email is kept in Redis."""
    return f"rate:{policy}:{hashlib.blake2b(subject.encode(), digest_size=12).hexdigest()}"


def passkey_challenge_key(challenge: bytes) -> str:
    """A challenge that waits for its signature; hashed, so that who reads Redis can't answer for it."""
    return f"passkey:{hashlib.blake2b(challenge, digest_size=16).hexdigest()}"


def oauth_flow_key(state: str) -> str:
    """A sign-in at a provider that is under way, by its hashed state."""
    return f"oauth:{hashlib.blake2b(state.encode(), digest_size=16).hexdigest()}"


def attempts_key(allowance: str, subject: str) -> str:
    """The failed tries of one subject; hashed likewise."""
    return f"attempts:{allowance}:{hashlib.blake2b(subject.encode(), digest_size=12).hexdigest()}"


def unusual_key(user_id: UUID) -> str:
    """How much one person usually asks; hashed likewise."""
    return f"unusual:{hashlib.blake2b(user_id.bytes, digest_size=12).hexdigest()}"


def health_reading(organization_id: UUID, account_id: UUID, athlete_id: UUID) -> str:
    """Marks that an account's reading of another's health data was recorded a moment ago."""
    return f"org:{organization_id}:health_reading:{account_id}:{athlete_id}"


def live_channel(organization_id: UUID, account_id: UUID) -> str:
    """Where it is rung when something of an account has changed; what, PostgreSQL knows."""
    return f"org:{organization_id}:live:{account_id}"


def streams_key(subject: str) -> str:
    """The live streams that somebody has open; hashed likewise."""
    return f"streams:{hashlib.blake2b(subject.encode(), digest_size=12).hexdigest()}"


def cache_key(organization_id: UUID, kind: str, subject: str) -> str:
    """What is remembered of an organization, or of one account in it."""
    return f"org:{organization_id}:cache:{kind}:{subject}"


def service_quota_key(service: str) -> str:
    """How much is used of the limits of an outside service that all organizations share, as it told."""
    return f"quota:{service}"


def service_calls_key(organization_id: UUID, service: str) -> str:
    """How much of it are an organization's own calls."""
    return f"org:{organization_id}:service_calls:{service}"


FLAG_ROLLOUTS = "cache:flag_rollouts"
"""For which share of all organizations each feature is on."""


def organization_keys(organization_id: UUID) -> str:
    """The pattern of all keys that carry an organization's data."""
    return f"org:{organization_id}:*"


def account_keys(organization_id: UUID, account_id: UUID) -> str:
    """The pattern of those that name one of its accounts."""
    return f"org:{organization_id}:*{account_id}*"


HEARTBEAT_TTL_S = 8
"""A process that has shown no sign of life for so long counts as gone; it shows one about every two seconds."""

SCHEDULER_HEARTBEAT = "heartbeat:scheduler"
WORKER_HEARTBEATS = "heartbeat:worker:*"


def worker_heartbeat(worker: str) -> str:
    return f"heartbeat:worker:{worker}"
