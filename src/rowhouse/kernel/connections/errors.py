"""What can stand between somebody and an outside service.

Forbidden 403
├── SessionNeeded            an API key can't stand in for the person whom the provider asks
└── ScopeMissing
NotFound 404
└── ServiceUnknown           not known here, or it has no credentials
BadRequest 400
└── KeyRefused               the service knows no such key
Conflict 409
├── ConnectedAsAnother
├── KeyNeeded                there is no page to be sent to
└── ReauthorizationNeeded
Unavailable 503
└── ConnectionBusy           another process renews the tokens just now

TokensRefused    the service says for good that a refresh token is none of its own; not told to callers
"""

from rowhouse.kernel.errors import BadRequest, Conflict, Forbidden, NotFound, Unavailable


class SessionNeeded(Forbidden):
    code, title = "session_needed", "Connecting a service needs you in person: sign in; an API key can't."


class ScopeMissing(Forbidden):
    code, title = "scope_missing", "You left out a permission at the provider that is needed; connect again."


class ServiceUnknown(NotFound):
    code, title = "service_unknown", "This service can't be connected here."


class ConnectedAsAnother(Conflict):
    code = "connected_as_another"
    title = "You are connected to another account of this service; disconnect that one first."


class KeyNeeded(Conflict):
    code = "key_needed"
    title = "This service has no page where you could allow it: make a key there and paste it in."


class KeyRefused(BadRequest):
    code = "key_refused"
    title = (
        "The service does not take this key: copy it whole, or make a new one; a password is never asked for."
    )


class ReauthorizationNeeded(Conflict):
    code = "reauthorization_needed"
    title = "The service does not let us in any more; connect it again."


class ConnectionBusy(Unavailable):
    code, title = "connection_busy", "The service's tokens are being renewed; try again in a moment."


class TokensRefused(Exception):
    """`word` is the protocol's, where it said one."""

    def __init__(self, word: str | None) -> None:
        super().__init__(word or "refused")
        self.word = word
