"""Why a webhook is not taken.

Unauthorized 401
└── WebhookRefused           forged, unsigned, stale, at the wrong path, or no secret is configured: one answer for all
BadRequest 400
├── WebhookUnreadable        proved, but no event of this provider
└── WebhookTooSlow
"""

from rowhouse.kernel.errors import BadRequest, Unauthorized


class WebhookRefused(Unauthorized):
    """`reason` is counted and never told."""

    code, title = "webhook_refused", "The webhook does not prove that it comes from the provider."

    def __init__(self, reason: str = "unsigned") -> None:
        super().__init__()
        self.reason = reason


class WebhookUnreadable(BadRequest):
    code, title = "webhook_unreadable", "The webhook's body is not an event of this provider."


class WebhookTooSlow(BadRequest):
    code, title = "webhook_too_slow", "The webhook's body did not arrive in time; send it again."
