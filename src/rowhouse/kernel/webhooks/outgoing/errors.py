"""What can be wrong with an organization's endpoints.

Conflict 409
├── TooManyEndpoints
├── DeliveryPending
└── EndpointDisabled
Forbidden 403
└── EventNotYours
"""

from rowhouse.kernel.errors import Conflict, Forbidden


class TooManyEndpoints(Conflict):
    code, title = "too_many_endpoints", "An organization has at most 20 webhook endpoints; delete one first."


class DeliveryPending(Conflict):
    code, title = (
        "delivery_pending",
        "This delivery is still being tried; it can be retried once that has ended.",
    )


class EndpointDisabled(Conflict):
    code, title = "endpoint_disabled", "This endpoint is disabled; enable it first."


class EventNotYours(Forbidden):
    code, title = "event_not_yours", "You lack the permission to see what this type of event tells."
