"""Where providers send their webhooks: told to those that can be told, and told again before they forget it."""

import structlog

from rowhouse.apps.fitness.sources.provider import Provider
from rowhouse.apps.fitness.sources.providers import PROVIDERS
from rowhouse.kernel.connections.asking import asking
from rowhouse.kernel.connections.errors import ServiceUnknown
from rowhouse.kernel.connections.service_kinds import find_service
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.oauth.errors import ProviderAway
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.queue.kinds import Chore
from rowhouse.kernel.settings import Settings

DAY_S = 86_400

log = structlog.get_logger(__name__)


def hook_of(settings: Settings, provider: Provider) -> str | None:
    """The address that the provider is to send to; None where the operator has given it no secret path."""
    paths = provider.webhook.credentials_of(settings).known_paths() if provider.webhook else ()
    return f"{settings.public_url}/api/v1/webhooks/{provider.name}/{paths[0]}" if paths else None


async def keep_subscribed(platform: Platform, _admin: Database) -> None:
    """Asks each provider that takes subscriptions of the whole application; one that is away is asked again tomorrow."""
    for provider in PROVIDERS.values():
        hook = hook_of(platform.settings, provider)
        if provider.subscribe is None or provider.webhook is None or hook is None:
            continue
        token = provider.webhook.credentials_of(platform.settings).verify_token
        try:
            service = find_service(platform, provider.name)
            async with asking(service) as asker:
                await provider.subscribe(asker, hook, token.get_secret_value() if token else "")
        except ServiceUnknown:
            continue
        except ProviderAway:
            log.warning("not_subscribed", provider=provider.name)


SUBSCRIPTIONS = Chore("fitness.subscriptions", DAY_S, keep_subscribed)
