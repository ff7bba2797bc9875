"""What machines ask: health, readiness, the error dictionary."""

from fastapi import APIRouter, Response
from starlette.requests import Request

from rowhouse.kernel.errors import every_error
from rowhouse.kernel.health.health import Health, health, ready
from rowhouse.kernel.http.counting import platform_of

router = APIRouter(tags=["Operation"])


@router.get("/health", responses={503: {"model": Health}})
async def get_health(request: Request, response: Response) -> Health:
    """Every part's state. `healthy` and `degraded` answer 200, `unhealthy` 503."""
    found = await health(platform_of(request))
    response.status_code = 503 if found.status == "unhealthy" else 200
    return found


@router.get("/ready", responses={503: {"description": "not yet"}})
async def get_ready(request: Request, response: Response) -> dict[str, bool]:
    """Whether this process can serve requests now."""
    is_ready = await ready(platform_of(request))
    response.status_code = 200 if is_ready else 503
    return {"ready": is_ready}


@router.get("/api/v1/errors")
async def list_errors() -> dict[str, list[dict[str, str | int]]]:
    """The dictionary of error codes."""
    found = {error.code: error for error in every_error()}
    return {
        "data": [
            {"code": code, "status": error.status, "title": error.title}
            for code, error in sorted(found.items())
        ]
    }
