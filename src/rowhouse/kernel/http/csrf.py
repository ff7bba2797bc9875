"""Cross-site request forgery: an unsafe request that came by cookie shows a token bound to its session."""

import hmac
from uuid import UUID

from fastapi import Request

from rowhouse.kernel.errors import Forbidden
from rowhouse.kernel.http.credentials import Credential
from rowhouse.kernel.secrets.sealing import Sealer

HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CsrfRefused(Forbidden):
    code, title = (
        "csrf_refused",
        "The request lacks a valid X-CSRF-Token; ask /api/v1/auth/csrf-token for one.",
    )


def csrf_token(sealer: Sealer, session_id: UUID) -> str:
    """The session's token: a keyed digest, so nothing needs storing and a new session has a new one."""
    return sealer.digest("csrf", session_id.bytes)


def check_csrf(request: Request, credential: Credential, sealer: Sealer, session_id: UUID) -> None:
    if not credential.by_cookie or request.method in SAFE_METHODS:
        return
    shown = request.headers.get(HEADER, "")
    if not hmac.compare_digest(shown.encode(), csrf_token(sealer, session_id).encode()):
        raise CsrfRefused()
