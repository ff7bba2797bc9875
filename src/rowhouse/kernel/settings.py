"""What an operator sets: environment variables `ROWHOUSE_…`, or `ROWHOUSE_…_FILE` naming a file with the value."""

import hmac
import json
import os
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import EnvSettingsSource

from rowhouse.kit.origins import parse_origins
from rowhouse.kit.tiles import origin_of_tiles

PREFIX = "ROWHOUSE_"


class SecretFiles(EnvSettingsSource):
    """Reads `ROWHOUSE_X_FILE` for every setting `x`, as container secrets are handed over."""

    def __call__(self) -> dict[str, Any]:
        found = {}
        for name in self.settings_cls.model_fields:
            path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
            if path:
                found[name] = Path(path).read_text(encoding="utf-8").strip()
        return found


class FeatureVariables(EnvSettingsSource):
    """Reads `ROWHOUSE_FEATURE_X` as the feature `x`; whether there is one, the registry knows."""

    def __call__(self) -> dict[str, Any]:
        prefix = f"{PREFIX}FEATURE_"
        found = {
            name.removeprefix(prefix).lower(): value
            for name, value in os.environ.items()
            if name.startswith(prefix)
        }
        return {"features": found} if found else {}


class OidcProvider(BaseModel):
    """A provider of OpenID Connect that people may sign in with. Its word for a verified address below
    `trusted_domains` is enough to sign in as the person who has that address; elsewhere they link it themselves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    title: str
    issuer: str
    client_id: str
    client_secret: SecretStr | None = None
    scopes: str = "openid email profile"
    trusted_domains: tuple[str, ...] = ()


KNOWN = frozenset({"change-me", "changeme", "guest", "password", "postgres", "rowhouse", "secret", "test"})
SHORTEST_SECRET = 8


def _weakness(value: str) -> str:
    """What is wrong with a secret, or with the password in an address; nothing if nothing is."""
    secret = (urlsplit(value).password or "") if "://" in value else value
    if secret.lower() in KNOWN:
        return "is a default that everybody knows"
    if secret and len(secret) < SHORTEST_SECRET:
        return "is too short to be a secret"
    return ""


class WebhookCredentials(BaseModel):
    """What a provider's webhooks are known by. All of a list are good at a time: the new one is added before the old
    one goes. A `path` is the last part of the address that the provider sends to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    paths: tuple[SecretStr, ...] = ()
    secrets: tuple[SecretStr, ...] = ()
    verify_token: SecretStr | None = None

    def known_paths(self) -> tuple[str, ...]:
        return tuple(value for one in self.paths if (value := one.get_secret_value()))

    def known_secrets(self) -> tuple[str, ...]:
        return tuple(value for one in self.secrets if (value := one.get_secret_value()))

    def is_verify_token(self, shown: str) -> bool:
        known = self.verify_token.get_secret_value() if self.verify_token else ""
        return bool(known) and hmac.compare_digest(shown.encode(), known.encode())


class ConnectionCredentials(BaseModel):
    """What an outside service knows us by, and where it is if not at its real address: `url` takes the place of scheme and
    host."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    url: str = ""


class ProviderTerms(BaseModel):
    """What a provider's terms of use are here, where they are not as declared: only the fields that are given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    retention_days: int | None = Field(None, ge=1)
    model_input: bool = True
    share_with_others: bool = True
    combine_and_analyse: bool = True
    why: str = Field("", max_length=500)


def _parsed(value: object) -> object:
    """JSON from an environment variable or a secret's file; anything else as it is."""
    return json.loads(value) if isinstance(value, str) else value


class Settings(BaseSettings):
    """Every setting with its default; one that has none must be set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    env: Literal["development", "test", "production"] = "development"
    home: Path = Path(".rowhouse")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    public_url: str = Field("http://127.0.0.1:8000", description="the origin people see, in mails and links")
    trusted_proxies: str = Field(
        "", description="comma-separated addresses whose X-Forwarded-For is believed"
    )

    database_url: SecretStr = Field(description="PostgreSQL as app_user")
    admin_database_url: SecretStr | None = Field(None, description="PostgreSQL as app_admin: the scheduler's")
    owner_database_url: SecretStr | None = Field(
        None, description="PostgreSQL as rowhouse_owner: migrations only"
    )
    superuser_database_url: SecretStr | None = Field(
        None, description="PostgreSQL as its superuser: `rowhouse provision` only"
    )
    backup_database_url: SecretStr | None = Field(
        None, description="PostgreSQL as rowhouse_backup: `rowhouse backup` and `restore` only"
    )
    backup_url: str | None = Field(
        None,
        description="where backups are kept: file:///folder or s3://bucket/prefix, apart from the storage",
    )
    database_pooled: bool = Field(
        False, description="ROWHOUSE_DATABASE_URL leads to PgBouncer in transaction mode"
    )
    database_pool_size: int = Field(8, ge=1, le=64)
    redis_url: SecretStr = Field(description="Redis or Valkey with a password")
    mqtt_url: SecretStr | None = Field(
        None, description="the MQTT broker; watched by /health where it is set"
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    metrics_port: int = Field(
        9100,
        ge=0,
        le=65532,
        description="the API's; the worker takes the next, the scheduler the one after; 0: none",
    )
    metrics_host: str = Field("127.0.0.1", description="the address on which Prometheus reads")

    otlp_endpoint: str = Field(
        "", description="where traces are sent by OTLP over HTTP, such as http://127.0.0.1:4318"
    )
    sentry_dsn: SecretStr | None = Field(None, description="where errors are reported")

    workers: int = Field(2, ge=1, le=64, description="jobs that one worker runs at a time")
    jobs_per_organization: int | None = Field(
        None, ge=1, description="jobs that one organization runs at a time"
    )
    storage_url: str = Field(description="file:///folder or s3://bucket/prefix")
    master_key: SecretStr = Field(description="Fernet keys, comma-separated, the newest first")
    mail_dir: Path | None = Field(None, description="mail is written here as .eml instead of being sent")
    smtp_url: SecretStr | None = None
    mail_from: str = "Rowhouse <no-reply@rowhouse.example>"
    geoip_database: Path | None = Field(
        None, description="a MaxMind database (.mmdb) of places; without it nobody is anywhere"
    )
    web_dir: Path | None = Field(None, description="the built web front end; None serves the API alone")
    cors_origins: str = Field(
        "", description="comma-separated origins whose pages may call the API with their people's cookies"
    )

    tiles_url: str = Field(
        "",
        description="map tiles behind a track, https://host/{z}/{x}/{y}.png; without it tracks are drawn alone",
    )
    tiles_attribution: str = Field("", max_length=200, description="whose map it is, shown with it")
    tiles_max_zoom: int = Field(19, ge=1, le=22, description="the closest that there are tiles for")

    features: Annotated[dict[str, bool] | None, NoDecode, BeforeValidator(_parsed)] = Field(
        None, description="feature flags by name; each also by ROWHOUSE_FEATURE_<NAME>"
    )
    oidc_providers: Annotated[tuple[OidcProvider, ...] | None, NoDecode, BeforeValidator(_parsed)] = None
    oidc_google_client_id: str = ""
    oidc_google_client_secret: SecretStr | None = None
    idp_provider: str = Field("", pattern=r"^([a-z][a-z0-9-]{0,39})?$")
    idp_issuer: str = Field("", description="tokens of this issuer are taken as sign-in")
    idp_jwks_url: str = Field("", description="without it, <issuer>/.well-known/jwks.json")
    idp_audience: str = ""
    idp_claim_tenant: str = "tenantId"
    idp_claim_roles: str = "roles"
    idp_claim_email: str = "email"
    idp_claim_subject: str = "sub"
    idp_roles: Annotated[dict[str, str] | None, NoDecode, BeforeValidator(_parsed)] = Field(
        None, description="the provider's roles and ours, JSON, the strongest first"
    )
    idp_role_default: str = Field("viewer", description="the role of those whose roles are all unknown")
    idp_trusted_domains: str = Field("", description="whose verified addresses join existing people")
    idp_webhook_secret: SecretStr | None = None

    webhook_providers: Annotated[dict[str, WebhookCredentials] | None, NoDecode, BeforeValidator(_parsed)] = (
        Field(None, description="what webhooks of each provider are known by")
    )
    webhooks_to_loopback: bool = Field(
        False, description="lets outgoing webhooks go to http://127.0.0.1; refused in production"
    )

    connections: Annotated[dict[str, ConnectionCredentials] | None, NoDecode, BeforeValidator(_parsed)] = (
        Field(None, description="our credentials at each outside service that people connect")
    )
    provider_terms: Annotated[dict[str, ProviderTerms] | None, NoDecode, BeforeValidator(_parsed)] = Field(
        None, description="terms of use of such services, where they are not as declared"
    )

    audit_retention_days: int = Field(
        730, ge=400, description="days for which the audit log is kept; it goes by whole months"
    )
    limits_user: int = Field(100, ge=1, description="requests a minute for one person")
    limits_anonymous: int = Field(20, ge=1, description="requests a minute for one address without sign-in")
    limits_webhooks: int = Field(6_000, ge=1, description="webhooks a minute from one address")
    limits_auth: int = Field(10, ge=1, description="guesses a minute for one address and for one account")
    unusual_reads: int = Field(60, ge=1, description="reads a minute that are unusual for nobody")
    unusual_times: int = Field(4, ge=1, description="how many times what is usual for a person is unusual")
    unusual_ids: int = Field(
        30, ge=1, description="ids that are nobody's or another's, within ten minutes, that are not unusual"
    )
    body_max_bytes: int = Field(1024**2, ge=1024, description="of a request that is no upload")
    upload_max_files: int = Field(500, ge=1)
    upload_max_bytes: int = Field(4 * 1024**3, ge=1, description="of one uploaded file")

    @model_validator(mode="after")
    def refuse_known_secrets(self) -> "Settings":
        """A secret that stands in an example or that everybody tries first is none."""
        if self.env == "production":
            for name, value in self:
                if isinstance(value, SecretStr) and (reason := _weakness(value.get_secret_value())):
                    raise ValueError(f"in production {PREFIX}{name.upper()} {reason}")
            if not urlsplit(self.redis_url.get_secret_value()).password:
                raise ValueError(f"in production {PREFIX}REDIS_URL needs a password")
        return self

    @model_validator(mode="after")
    def refuse_unsafe_production(self) -> "Settings":
        if self.env == "production" and not (self.smtp_url or self.mail_dir):
            raise ValueError("production needs ROWHOUSE_SMTP_URL: without it nobody can verify an email")
        if self.env == "production" and not self.public_url.startswith("https://"):
            raise ValueError("production needs ROWHOUSE_PUBLIC_URL to begin with https://")
        if self.idp_issuer and not (self.idp_provider and self.idp_audience):
            raise ValueError("ROWHOUSE_IDP_ISSUER needs ROWHOUSE_IDP_PROVIDER and ROWHOUSE_IDP_AUDIENCE too")
        issuers = [one.issuer for one in self.oidc_providers or ()] + [self.idp_issuer, self.idp_jwks_url]
        issuers += [one.url for one in (self.connections or {}).values()]
        if self.env == "production" and any(url and not url.startswith("https://") for url in issuers):
            raise ValueError("in production, providers are asked by https:// alone")
        if self.env == "production" and any(
            one.startswith("http://") for one in parse_origins(self.cors_origins)
        ):
            raise ValueError(
                "in production, ROWHOUSE_CORS_ORIGINS are https:// alone: anybody on the way speaks for others"
            )
        if self.env == "production" and self.tiles_url and not self.tiles_url.startswith("https://"):
            raise ValueError(
                "in production, ROWHOUSE_TILES_URL is https:// alone: tiles tell where somebody was"
            )
        if self.env == "production" and self.webhooks_to_loopback:
            raise ValueError(
                "production refuses ROWHOUSE_WEBHOOKS_TO_LOOPBACK: webhooks must not reach its own services"
            )
        return self

    @model_validator(mode="after")
    def refuse_backups_beside_the_data(self) -> "Settings":
        """What takes the storage away, a wrong prefix emptied or a bucket's end, must not take the backups with it."""
        storage, backups = (f"{url.rstrip('/')}/" for url in (self.storage_url, self.backup_url or ""))
        if self.backup_url and (storage.startswith(backups) or backups.startswith(storage)):
            raise ValueError(
                "ROWHOUSE_BACKUP_URL must lie apart from ROWHOUSE_STORAGE_URL: neither inside the other"
            )
        return self

    @model_validator(mode="after")
    def refuse_what_are_no_tiles(self) -> "Settings":
        if self.tiles_url:
            try:
                origin_of_tiles(self.tiles_url)
            except ValueError as error:
                raise ValueError(f"ROWHOUSE_TILES_URL: {error}") from error
            if not self.tiles_attribution.strip():
                raise ValueError("ROWHOUSE_TILES_URL needs ROWHOUSE_TILES_ATTRIBUTION: whose map it is")
        return self

    @property
    def tiles_origin(self) -> str | None:
        """Whom browsers may ask for tiles."""
        return origin_of_tiles(self.tiles_url) if self.tiles_url else None

    @field_validator("cors_origins")
    @classmethod
    def refuse_what_is_no_origin(cls, origins: str) -> str:
        return ",".join(parse_origins(origins))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - named by pydantic-settings
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        features = FeatureVariables(settings_cls)
        return init_settings, features, env_settings, SecretFiles(settings_cls), dotenv_settings


@cache
def get_settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
