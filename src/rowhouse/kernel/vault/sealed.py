"""Every column that holds something sealed, and under whose key; a test compares this with the tables."""

from collections.abc import Mapping
from typing import Literal

Under = Literal["master", "organization", "person"]

SEALED_COLUMNS: Mapping[str, Under] = {
    "audit.person_keys.sealed": "master",
    "audit.personal.sealed": "person",
    "kernel.connections.token_sealed": "organization",
    "kernel.operators.totp_sealed": "master",
    "kernel.refresh_tokens.successor_sealed": "master",
    "kernel.signing_keys.private_pem_sealed": "master",
    "kernel.totp.secret_sealed": "master",
    "kernel.webhook_endpoints.former_sealed": "organization",
    "kernel.webhook_endpoints.secret_sealed": "organization",
}
"""`master`: the platform's keys. `organization`: the data key of the row's organization. `person`: the key of the
row's person in the audit log, which is itself sealed by the master key, so these need no sealing anew."""

SEALED_ARGUMENT = "sealed"
"""The argument in which jobs that wait keep what only they may read; under the master key."""
