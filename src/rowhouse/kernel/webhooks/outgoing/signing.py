"""Signatures after the Standard Webhooks specification: HMAC-SHA256 over `{id}.{timestamp}.{body}`."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from uuid import UUID

from rowhouse.kernel.secrets.minting import PREFIXES


def message_id(id_: UUID) -> str:
    """The `webhook-id`: the same for every try and every endpoint."""
    return f"msg_{id_.hex}"


def headers(id_: UUID, timestamp: int, body: bytes, signing: Iterable[str]) -> dict[str, str]:
    """Signed with every secret, so that a receiver may have either during a rotation."""
    content = f"{message_id(id_)}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id(id_),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_sign(secret, content)}" for secret in signing),
    }


def _sign(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIXES["webhook"]))
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
