"""The clients of one process, built once at its start and closed at its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from rowhouse.kernel import redis as redis_client
from rowhouse.kernel.db.database import Database
from rowhouse.kernel.live.bells import Bells
from rowhouse.kernel.queue.publishing import Queue
from rowhouse.kernel.registry import Registry
from rowhouse.kernel.secrets.sealing import Sealer
from rowhouse.kernel.settings import Settings
from rowhouse.kernel.storage.storage import Storage
from rowhouse.kernel.tokens.tokens import AccessTokens
from rowhouse.kernel.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Platform:
    """What requests, jobs and commands stand on."""

    settings: Settings
    registry: Registry
    database: Database
    redis: Redis
    storage: Storage
    sealer: Sealer
    vault: Vault
    tokens: AccessTokens
    queue: Queue
    bells: Bells


@asynccontextmanager
async def running(settings: Settings, registry: Registry, *, application: str) -> AsyncIterator[Platform]:
    """Builds the clients, hands them over, closes them. `application` names the process in pg_stat_activity."""
    registry.check_features(settings.features or {})
    registry.check_terms(settings.provider_terms or {})
    if settings.idp_provider:
        registry.check_outside_roles([*(settings.idp_roles or {}).values(), settings.idp_role_default])
    database = Database(
        settings.database_url.get_secret_value(),
        pool_size=settings.database_pool_size,
        application=application,
        pooled=settings.database_pooled,
    )
    redis = redis_client.connect(settings.redis_url.get_secret_value())
    sealer = Sealer(settings.master_key.get_secret_value())
    storage = Storage(settings.storage_url)
    bells = Bells(redis)
    try:
        yield Platform(
            settings=settings,
            registry=registry,
            database=database,
            redis=redis,
            storage=storage,
            sealer=sealer,
            vault=Vault(storage, sealer),
            tokens=AccessTokens(database, sealer, issuer=settings.public_url),
            queue=Queue(settings.redis_url.get_secret_value()),
            bells=bells,
        )
    finally:
        await bells.close()
        await redis.aclose()
        await database.close()
