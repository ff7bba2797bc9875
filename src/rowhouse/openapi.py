"""The OpenAPI document, as it is checked in."""

import json

from rowhouse.installed import registry
from rowhouse.kernel.http.app import build_api
from rowhouse.kernel.settings import Settings

PLACEHOLDERS = {
    "database_url": "postgresql://nobody@localhost/none",
    "redis_url": "redis://localhost",
    "storage_url": "file:///nowhere",
    "master_key": "unused",
}
"""A document needs no service; the settings only have to be there."""


def describe() -> str:
    """The document as text, stable between runs."""
    app = build_api(registry, Settings(**PLACEHOLDERS, web_dir=None))  # type: ignore[arg-type]  # SecretStr from str
    return json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
