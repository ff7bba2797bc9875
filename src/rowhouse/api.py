"""The door for HTTP: `uvicorn --factory rowhouse.api:create`."""

from fastapi import FastAPI

from rowhouse.installed import registry
from rowhouse.kernel.http.app import build_api
from rowhouse.kernel.observability.begin import begin
from rowhouse.kernel.settings import get_settings


def create() -> FastAPI:
    """The application with the environment's settings."""
    settings = get_settings()
    begin("api", settings)
    return build_api(registry, settings)
