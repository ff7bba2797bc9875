"""Keys of Redis and of the storage that are no organization's, each with its reason."""

from collections.abc import Mapping

REDIS_KEYS: Mapping[str, str] = {
    "streams_key": "the live streams that one person has open, the person hashed",
    "session_key": "the state of one session, by its random id; written from resolve.session()",
    "passkey_challenge_key": "a challenge, hashed, and what it is bound to",
    "oauth_flow_key": "a sign-in at a provider under way, by its hashed state",
    "limit_key": "a counter, its subject hashed",
    "FLAG_ROLLOUTS": "feature flags' shares over all organizations, which operators set",
    "unusual_key": "how much one person asks, the person hashed",
    "service_quota_key": "how much of an outside service's limits is used by all together",
    "attempts_key": "a counter of failed tries, its subject hashed",
    "worker_heartbeat": "a process's sign of life",
    "SCHEDULER_HEARTBEAT": "a process's sign of life",
    "WORKER_HEARTBEATS": "the pattern of the above",
}
"""Builders and constants of kernel/redis.py whose keys hold no tenant's data. All others begin `org:{id}:`."""

STORAGE_KEYS: Mapping[str, str] = {
    "health": "the folder of the probe's object, which never exists",
    "KEYS": "organizations' data keys, each sealed by the master key; outside their prefixes, which are backed up",
    "FOLDER": "likewise",
    "": "restoring everything asks whether the storage is empty",
}
"""Storage keys that are no organization's."""
