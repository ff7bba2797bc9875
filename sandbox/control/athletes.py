"""`/_sandbox/athletes`: who there is, and what they did."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.common.provider import Aspect, state_of
from sandbox.common.state import State
from sandbox.providers.all import PROVIDERS
from sandbox.world.athletes import Athlete, named
from sandbox.world.copies import copy
from sandbox.world.nights import nights
from sandbox.world.sessions import Session, Sport

SEERS = ("strava", "garmin", "polar", "whoop", "oura", "withings")


class NewAthlete(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seed: int
    id: str | None = Field(None, pattern=r"^[a-z0-9-]{1,40}$")
    name: str | None = None
    activities: int = Field(100, ge=0, le=20_000)
    days: int = Field(60, ge=0, le=3_660)
    until: AwareDatetime | None = None
    timezone: str = "Europe/Berlin"
    sex: str = Field("F", pattern="^[FM]$")


class NewSession(BaseModel):
    """What is left out is made from the seed; `at` says which providers have it, its own device's beside them."""

    model_config = ConfigDict(extra="forbid")

    sport: Sport = "run"
    start: AwareDatetime | None = None
    title: str | None = None
    elapsed_s: int | None = Field(None, ge=60, le=86_400)
    distance_m: float | None = Field(None, ge=0)
    private: bool | None = None
    device: str | None = Field(None, pattern="^(edge|forerunner|vantage|phone)$")
    at: list[str] | None = None
    notify: bool = True


class Change(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str | None = None
    sport: Sport | None = None
    private: bool | None = None
    distance_m: float | None = Field(None, ge=0)
    notify: bool = True


def add_athlete(state: State, wanted: NewAthlete) -> Athlete:
    """Raises ValueError for a zone that is none, or an id that is taken."""
    if wanted.timezone not in available_timezones():
        raise ValueError(f"{wanted.timezone} is no time zone")
    first = wanted.id or f"athlete-{wanted.seed}"
    names = iter([first] if wanted.id else [first, *(f"{first}-{n}" for n in range(2, 10_000))])
    name = next((one for one in names if one not in state.saved.athletes), None)
    if name is None:
        raise ValueError(f"there is an athlete {first} already")
    until = wanted.until or state.today().replace(hour=0, minute=0, second=0)
    athlete = Athlete(
        id=name,
        seed=wanted.seed,
        name=wanted.name or named(wanted.seed),
        activities=wanted.activities,
        days=wanted.days,
        until=until.astimezone(UTC),
        timezone=wanted.timezone,
        sex=wanted.sex,
    )
    state.saved.athletes[athlete.id] = athlete
    return athlete


async def create(request: Request) -> Response:
    state, wanted = state_of(request), NewAthlete.model_validate_json(await request.body())
    athlete = add_athlete(state, wanted)
    state.save()
    return JSONResponse(described(athlete), status_code=201)


async def listed(request: Request) -> Response:
    return JSONResponse([described(one) for one in state_of(request).saved.athletes.values()])


async def shown(request: Request) -> Response:
    return JSONResponse(described(_athlete(request)))


async def deleted(request: Request) -> Response:
    """With all grants; one who is made again with the same id and seed has a key that is good again."""
    state, athlete = state_of(request), _athlete(request)
    state.saved.dead_keys.discard(athlete.personal_key)
    state.saved.grants = {n: one for n, one in state.saved.grants.items() if one.athlete_id != athlete.id}
    state.saved.codes = {n: one for n, one in state.saved.codes.items() if one.athlete_id != athlete.id}
    del state.saved.athletes[athlete.id]
    state.save()
    return Response(status_code=204)


async def truth(request: Request) -> Response:
    """What really happened, and as what each provider has it: newest first."""
    athlete = _athlete(request)
    return JSONResponse([session_of(athlete, one) for one in reversed(athlete.sessions())])


async def add(request: Request) -> Response:
    state, athlete = state_of(request), _athlete(request)
    wanted = NewSession.model_validate_json(await request.body() or b"{}")
    changes = wanted.model_dump(exclude_none=True, exclude={"sport", "start", "at", "notify"})
    if "elapsed_s" in changes:
        changes["pauses"] = ()
    if wanted.at is not None:
        if not set(wanted.at) <= set(SEERS):
            raise ValueError(f"at knows only {', '.join(SEERS)}")
        changes["seen_by"] = frozenset(wanted.at)
    made = athlete.add(state.today(), wanted.sport, wanted.start, changes)
    await _tell(state, athlete, made, "create", notify=wanted.notify)
    return JSONResponse(session_of(athlete, made), status_code=201)


async def change(request: Request) -> Response:
    state, athlete = state_of(request), _athlete(request)
    wanted = Change.model_validate_json(await request.body())
    changes = wanted.model_dump(exclude_none=True, exclude={"notify"})
    changed = athlete.edit(state.today(), request.path_params["number"], changes)
    await _tell(state, athlete, changed, "update", notify=wanted.notify)
    return JSONResponse(session_of(athlete, changed))


async def remove(request: Request) -> Response:
    state, athlete = state_of(request), _athlete(request)
    gone = athlete.delete(state.today(), request.path_params["number"])
    await _tell(state, athlete, gone, "delete", notify=request.query_params.get("notify") != "false")
    return Response(status_code=204)


def described(athlete: Athlete) -> dict[str, Any]:
    kept = ("id", "seed", "name", "activities", "days", "timezone", "sex")
    return {
        **{name: getattr(athlete, name) for name in kept},
        "until": athlete.until.isoformat(),
        "added": len(athlete.added),
        "ids": {one: athlete.id_at(one) for one in SEERS},
        "uuids": {one: athlete.uuid_at(one) for one in SEERS},
        "garmin_personal_key": athlete.personal_key,
    }


def session_of(athlete: Athlete, session: Session) -> dict[str, Any]:
    found = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(session).items()
        if name != "seen_by"
    }
    return {**found, "at": {one: _as_seen(athlete, session, one) for one in sorted(session.seen_by)}}


def _as_seen(athlete: Athlete, session: Session, provider: str) -> dict[str, Any]:
    one = copy(athlete, session, provider)
    return {
        "id": one.number,
        "uuid": one.uuid,
        "start": one.start.isoformat(),
        "elapsed_s": one.elapsed_s,
        "moving_s": one.moving_s,
        "distance_m": one.distance_m,
        "device": one.device,
    }


async def add_night(request: Request) -> Response:
    """The next day's night, with all that was measured; `?notify=false` keeps it quiet."""
    state, athlete = state_of(request), _athlete(request)
    athlete.more_days += 1
    athlete.derived.clear()
    state.save()
    made = [(one, nights(athlete, one.name)[-1]) for one in PROVIDERS]
    for provider, night in made if request.query_params.get("notify") != "false" else ():
        await provider.announce(state, athlete, night, "create")
    return JSONResponse({"day": f"{made[0][1].day}", "number": made[0][1].number}, status_code=201)


async def _tell(state: State, athlete: Athlete, session: Session, aspect: Aspect, *, notify: bool) -> None:
    state.save()
    for provider in PROVIDERS if notify else ():
        if provider.name.partition("_")[0] in session.seen_by:
            await provider.announce(state, athlete, session, aspect)


def _athlete(request: Request) -> Athlete:
    return state_of(request).athlete(request.path_params["athlete"])
