"""Webhooks that a provider signs with our client's own secret."""

from collections.abc import Callable

from rowhouse.kernel.settings import Settings, WebhookCredentials
from rowhouse.kernel.webhooks.incoming.provider import configured_for


def signed_by_client(name: str) -> Callable[[Settings], WebhookCredentials]:
    """The paths and the token of the setting for webhooks; the secret is the client's, besides those that stand there."""

    def find(settings: Settings) -> WebhookCredentials:
        found = configured_for(name)(settings)
        connection = (settings.connections or {}).get(name)
        own = connection.client_secret if connection is not None else None
        secrets = (*found.secrets, *([own] if own is not None else []))
        return found.model_copy(update={"secrets": secrets})

    return find
