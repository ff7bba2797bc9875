"""The door for HTTP: `uvicorn --factory rowhouse.api:create`."""

from fastapi import FastAPI

from rowhouse.installed import registry
from rowhouse.kernel.http.app import build_api
from rowhouse.kernel.observability.logs import configure_logging
from rowhouse.kernel.settings import get_settings


def create() -> FastAPI:
    """The application with the environment's settings."""
    configure_logging()
    return build_api(registry, get_settings())
