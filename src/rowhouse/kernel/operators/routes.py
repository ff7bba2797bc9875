"""Operators over HTTP. Their addresses begin with /admin, and none opens with an account's credential."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Cookie, Query, Response

from rowhouse.kernel.context import Ctx
from rowhouse.kernel.health.health import look
from rowhouse.kernel.http.credentials import ACCESS_COOKIE, OPERATOR_COOKIE
from rowhouse.kernel.http.csrf import csrf_token
from rowhouse.kernel.http.edge import guessable, operates
from rowhouse.kernel.http.envelope import Many, One, whole
from rowhouse.kernel.http.lists import Asked, paged
from rowhouse.kernel.http.versions import IfMatch, tell_version, version_of
from rowhouse.kernel.identity.devices_cookie import LIFE_S as DEVICE_LIFE_S
from rowhouse.kernel.limits.plans import PLANS
from rowhouse.kernel.operators import organizations, quotas, schemas, service

router = APIRouter(prefix="/admin")

SESSION_S = int(service.SESSION_LIFE.total_seconds())
IMPERSONATION_S = int(organizations.IMPERSONATION_LIFE.total_seconds())
OPERATOR_DEVICE_COOKIE = "__Host-rowhouse_operator_device"
OperatorDevice = Annotated[str | None, Cookie(alias=OPERATOR_DEVICE_COOKIE, include_in_schema=False)]
READ, WRITE = "platform.organizations.read", "platform.organizations.write"


@router.post("/auth/set-up", response_model=One[schemas.SetupView])
async def begin_operator_setup(body: schemas.SetupRequest, ctx: Annotated[Ctx, guessable()]) -> object:
    """A new second factor for an operator who was invited on the command line."""
    return {"data": await service.begin_setup(ctx, body.token.get_secret_value())}


@router.post("/auth/set-up/confirm", response_model=One[schemas.OperatorTokenView])
async def complete_operator_setup(
    body: schemas.SetupConfirmRequest, response: Response, ctx: Annotated[Ctx, guessable()]
) -> object:
    """Sets password and second factor, and signs in. The link is used up."""
    token, password = body.token.get_secret_value(), body.password.get_secret_value()
    return _answer(response, await service.complete_setup(ctx, token, password, body.code), body.cookies)


@router.post("/auth/login", response_model=One[schemas.OperatorTokenView])
async def sign_in_operator(
    body: schemas.OperatorSignInRequest,
    response: Response,
    ctx: Annotated[Ctx, guessable()],
    device: OperatorDevice = None,
) -> object:
    """Signs an operator in, by password and second factor at once. It lasts eight hours and is not renewed."""
    begun = await service.sign_in(ctx, body.email, body.password.get_secret_value(), body.code, device)
    return _answer(response, begun, body.cookies)


@router.post("/auth/logout", status_code=204, response_model=None)
async def sign_out_operator(ctx: Annotated[Ctx, operates(READ)]) -> Response:
    """Ends the operator's session."""
    assert ctx.identity.session_id is not None
    await service.sign_out(ctx, ctx.identity.session_id)
    response = Response(status_code=204)
    _cookie(response, OPERATOR_COOKIE, "", 0)
    return response


@router.get("/auth/me", response_model=One[schemas.OperatorView])
async def get_operator(ctx: Annotated[Ctx, operates(READ)]) -> object:
    """Who one is as an operator, and what one may do."""
    found = await service.get_operator(ctx)
    assert ctx.identity.session_id is not None
    return {
        "data": {
            "id": found.id,
            "email": found.email,
            "name": found.name,
            "role": found.role,
            "permissions": sorted(ctx.identity.permissions),
            "csrf_token": csrf_token(ctx.platform.sealer, ctx.identity.session_id),
        }
    }


@router.get("/organizations", response_model=Many[schemas.PlatformOrganizationView])
async def list_all_organizations(
    ctx: Annotated[Ctx, operates(READ)],
    asked: Annotated[Asked, paged(schemas.PlatformOrganizationView, sorts={})],
    q: Annotated[str | None, Query(max_length=100, description="a part of the name, or the id")] = None,
    state: schemas.OrganizationState | None = None,
) -> object:
    """All organizations and their state, the newest first. What they have is not to be seen from here."""
    return asked.page(await organizations.list_organizations(ctx, asked.place, search=q, state=state))


@router.get("/organizations/{organization_id}", response_model=One[schemas.PlatformOrganizationDetailView])
async def get_any_organization(ctx: Annotated[Ctx, operates(READ)], organization_id: UUID) -> object:
    return {"data": await organizations.look_at(ctx, organization_id)}


@router.get("/organizations/{organization_id}/accounts", response_model=Many[schemas.PlatformAccountView])
async def list_any_accounts(
    ctx: Annotated[Ctx, operates(READ)],
    organization_id: UUID,
    asked: Annotated[Asked, paged(schemas.PlatformAccountView, sorts={}, default="id")],
) -> object:
    """Its members, the longest first: whom to talk to. The organization's audit log names the operator who asks."""
    return asked.page(await organizations.read_accounts(ctx, organization_id, asked.place))


@router.post(
    "/organizations/{organization_id}/impersonations",
    status_code=201,
    response_model=One[schemas.ImpersonationView],
)
async def impersonate(
    body: schemas.ImpersonationRequest,
    response: Response,
    ctx: Annotated[Ctx, operates("platform.impersonations.write")],
    organization_id: UUID,
) -> object:
    """A session of an hour in which one sees what an account sees and changes nothing. The organization's audit log
    names operator and reason."""
    begun = await organizations.impersonate(ctx, organization_id, body.account_id, body.reason)
    if body.cookies:
        _cookie(response, ACCESS_COOKIE, begun.access_token, IMPERSONATION_S)
    shown = None if body.cookies else begun.access_token
    return {"data": {"access_token": shown, "session_id": begun.session_id, "expires_at": begun.expires_at}}


@router.post(
    "/organizations/{organization_id}/{transition}",
    response_model=One[schemas.PlatformOrganizationDetailView],
)
async def change_organization(
    body: schemas.ReasonRequest,
    ctx: Annotated[Ctx, operates(WRITE)],
    organization_id: UUID,
    transition: organizations.Transition,
) -> object:
    """Suspends an organization (nobody of it can act from the next request on), resumes it, restores one that was
    deleted, or begins to set up anew (`provision`) one whose steps could not be finished. The reason stands in its
    audit log."""
    return {"data": await organizations.change(ctx, organization_id, transition, body.reason)}


@router.get("/health", response_model=Many[schemas.PartView])
async def get_platform_health(ctx: Annotated[Ctx, operates("platform.figures.read")]) -> object:
    """Each part, with the cause of what is wrong and since when the process that answers has seen it so."""
    found = [
        {
            "name": finding.check.name,
            "state": finding.state,
            "essential": finding.check.essential,
            "without": finding.check.without,
            "cause": finding.cause,
            "since": finding.since,
            "duration_ms": finding.duration_ms,
        }
        for finding in await look(ctx.platform)
    ]
    return whole(found)


@router.get("/plans", response_model=One[schemas.PlansView])
async def list_plans(ctx: Annotated[Ctx, operates(READ)]) -> object:
    """The plans that organizations can be on, and what each limit of single actions is on the standard one."""
    return {"data": {"plans": PLANS.values(), "actions": ctx.platform.registry.limits}}


@router.get("/organizations/{organization_id}/quota", response_model=One[schemas.QuotaView])
async def get_quota(ctx: Annotated[Ctx, operates(READ)], organization_id: UUID, response: Response) -> object:
    """What an organization may use."""
    quota = await quotas.get_quota(ctx, organization_id)
    tell_version(response, quota.version)
    return {"data": quota}


@router.put("/organizations/{organization_id}/quota", response_model=One[schemas.QuotaView])
async def set_quota(
    body: schemas.QuotaEdit,
    response: Response,
    ctx: Annotated[Ctx, operates(WRITE)],
    organization_id: UUID,
    if_match: IfMatch = None,
) -> object:
    """Sets it, in force at the next request; both audit logs name operator and reason."""
    version = version_of(if_match)
    quota = await quotas.set_quota(ctx, organization_id, **body.model_dump(), version=version)
    tell_version(response, quota.version)
    return {"data": quota}


@router.get("/metrics", response_model=Many[schemas.FigureView])
async def get_platform_figures(ctx: Annotated[Ctx, operates("platform.figures.read")]) -> object:
    """Counts: organizations by state, people, accounts by role, how far onboarding has come; people and
    organizations that were active in the last day, week or month, with the moment since when."""
    return whole(await organizations.figures(ctx))


def _answer(response: Response, begun: service.Begun, by_cookie: bool) -> dict[str, Any]:
    if by_cookie:
        _cookie(response, OPERATOR_COOKIE, begun.token, SESSION_S)
        _cookie(response, OPERATOR_DEVICE_COOKIE, begun.device, DEVICE_LIFE_S)
    return {"data": {"token": None if by_cookie else begun.token, "expires_in": SESSION_S}}


def _cookie(response: Response, name: str, value: str, max_age_s: int) -> None:
    response.set_cookie(
        name, value, max_age=max_age_s, path="/", secure=True, httponly=True, samesite="strict"
    )
