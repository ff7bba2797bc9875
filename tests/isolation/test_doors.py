"""Every route with every identifier of somebody else's, found by walking the application: it grows with the routes.

What the answer may tell: that there is nothing, in the same words as for an id that nobody has.
"""

import itertools
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
import time_machine
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

from rowhouse.isolation.application import doors
from rowhouse.isolation.declared_routes import PERSONAL, SENSITIVE
from rowhouse.kernel.context import Ctx
from rowhouse.kernel.http.app import UndeclaredRoute, build_api
from rowhouse.kernel.http.edge import requires
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.registry import App, Registry
from rowhouse.kernel.sessions.operators import HOLDS
from rowhouse.kernel.settings import Settings
from rowhouse.kit.ids import uuid7
from rowhouse.kit.time import now
from tests.isolation.tenants import Neighbours, Someone, someone
from tests.operators import administrator, set_up

BODY_IDS = {
    "workout_ids": "workout_id",
    "athlete_id": "account_id",
    "account_id": "account_id",
    "resource": "account_id",
    "ids": "job_id",
}
"""Fields of bodies and queries that hold ids, and what they are ids of."""
QUERY_IDS = {"athlete_id": "account_id", "actor": "account_id"}
"""Query parameters of lists that hold an id: what is listed of another is what is listed of nobody."""
BODY_FILTERS = {"actor", "up_to"}
"""Fields of bodies that narrow a list of one's own, or of one's own organization."""
ORGANIZATIONS = {"role_id", "actor", "endpoint_id", "delivery_id"}
"""Parameters of what belongs to all members of an organization: a colleague's is one's own."""
ORGANIZATIONS_LISTS = {"/api/v1/audit", "/api/v1/webhook-endpoints"}
"""Lists that show, to who may see them, what everybody in the organization does."""
NO_OBJECTS = {
    "name": "the file name of a local run's mail, for whoever can open /dev/mail",
    "flag": "the name of a feature",
    "purpose": "what a consent is for, by name",
    "kind": "the name of a kind of notices, or of thresholds",
    "valid_from": "the day from which a threshold of one's own holds",
    "certificate_id": "certificates are for whoever knows their id, and hold ids and counts",
    "provider": "a name from the operator's settings",
    "secret": "a provider's secret path, from the operator's settings",
    "transition": "what an operator does to an organization, by name",
}
"""Path parameters that are no tenant's."""
BY_ANY_KEY = {"GET /api/v1/auth/me", "GET /api/v1/flags", "GET /api/v1/rate-limit-status"}
"""Doors that ask for no permission, and let keys in all the same."""
WHILE_LOOKING = {"POST /api/v1/auth/logout"}
"""Doors that change something, also for an operator who looks through an account's eyes."""
BEFORE_IT_IS_SET_UP = {"DELETE /api/v1/organizations/{organization_id}"}
BY_AN_ENDED_SESSION = {"GET /api/v1/jobs/{job_id}"}
PARAMETER = re.compile(r"\{\w+(:\w+)?\}")
UPLOAD = {"files": [("files", ("x.fit", b"x"))]}


@dataclass(frozen=True, slots=True)
class Call:
    """One request that names things by id: `parameters` are the names in the path, `fields` those in the body."""

    method: str
    path: str
    parameters: tuple[str, ...]
    body: Mapping[str, Any] | None
    fields: tuple[str, ...]

    async def send(self, client: httpx.AsyncClient, ids: Mapping[str, list[str]]) -> httpx.Response:
        path = self.path
        for parameter in self.parameters:
            path = path.replace("{" + parameter + "}", ids[parameter][0])
        given = self.body or {}
        named = {field: _named(given[field], ids[BODY_IDS[field]]) for field in self.fields}
        body = None if self.body is None else {**given, **named}
        return await client.request(self.method, path, json=body)


@pytest.fixture(scope="module")
async def nobody(platform: Platform, app: FastAPI) -> AsyncIterator[Someone]:
    """Someone signed in whose role holds nothing."""
    found = await someone(platform, app, role="none")
    yield found
    await found.client.aclose()


def test_the_walk_finds_the_routes(app: FastAPI) -> None:
    found = list(calls(app))
    assert len({door.name for door in doors(app)}) >= 27
    assert len(found) >= 9
    assert {p for call in found for p in call.parameters} >= {"workout_id", "job_id", "match_id", "file_id"}


def test_every_identifier_has_a_source(app: FastAPI, living: Neighbours) -> None:
    """A new kind of id must be given to the neighbours (tenants.py) before its route counts as walked."""
    parameters = {p for door in doors(app) for p in re.findall(r"\{(\w+)", door.name)}
    assert parameters - living.bob.ids.keys() - NO_OBJECTS.keys() == set()
    loose = set(_uuid_fields(app)) - BODY_IDS.keys() - BODY_FILTERS
    assert loose == set()
    for method, path, name in _uuid_queries(app):
        assert name in QUERY_IDS, f"{method} {path}: the query parameter {name} holds ids and is not walked"


@pytest.mark.parametrize("whose", ["bob", "cleo"])
async def test_anothers_is_nobodys(app: FastAPI, living: Neighbours, whose: str) -> None:
    """Bob is in another organization, Cleo beside Ada in hers: to Ada both are nobody, and the other way round."""
    other: Someone = getattr(living, whose)
    for asks, owner in ((living.ada, other), (other, living.ada)):
        before = await _everything(owner)
        for call in calls(app):
            if whose == "cleo" and ORGANIZATIONS.intersection(call.parameters):
                continue
            for ids, unknown in _guesses(call, asks, owner):
                theirs, nobodys = await call.send(asks.client, ids), await call.send(asks.client, unknown)
                said = f"{call.method} {call.path} by {asks.canary} with {owner.canary}'s"
                assert nobodys.status_code in (403, 404, 422), f"{said}: {nobodys.text}"
                assert theirs.status_code == nobodys.status_code, f"{said}: {theirs.text}"
                assert _shape(theirs, ids) == _shape(nobodys, unknown), said
                assert owner.canary not in theirs.text, said
        assert await _everything(owner) == before


async def test_lists_show_ones_own_alone(app: FastAPI, living: Neighbours) -> None:
    """Every list, plain and with another's cursor: no canary of anybody else."""
    for path in lists(app):
        cursors = [None, *[await _cursor(one, path) for one in (living.bob, living.cleo)]]
        for cursor in cursors:
            answer = await living.ada.listed(path, **({"cursor": cursor} if cursor else {}))
            assert answer.status_code == 200, answer.text
            for other in (living.bob,) if path in ORGANIZATIONS_LISTS else (living.bob, living.cleo):
                assert other.canary not in answer.text, path
                assert not [i for ids in other.ids.values() for i in ids if i in answer.text], path
    answer = await living.ada.client.get("/api/v1/auth/me")
    assert living.ada.canary in answer.text
    assert living.bob.canary not in answer.text
    assert living.cleo.canary not in answer.text


@pytest.mark.parametrize("whose", ["bob", "cleo"])
async def test_a_list_of_anothers_is_one_of_nobodys(app: FastAPI, living: Neighbours, whose: str) -> None:
    other: Someone = getattr(living, whose)
    for _method, path, name in _uuid_queries(app):
        if whose == "cleo" and name in ORGANIZATIONS:
            continue
        with time_machine.travel(now(), tick=False):  # or midnight could come between the two
            theirs, nobodys = [
                await living.ada.listed(path, **{name: asked})
                for asked in (other.ids[QUERY_IDS[name]][0], str(uuid7()))
            ]
        assert (theirs.status_code, theirs.json()) == (200, nobodys.json()), path
        assert list(_told(theirs.json()["data"])) == [], path


async def test_without_credentials_nothing_opens(app: FastAPI, client: httpx.AsyncClient) -> None:
    for method, path in _guarded(app):
        answer = await client.request(method, path)
        assert answer.status_code == 401, f"{method} {path}: {answer.text}"
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["ratelimit-policy"].startswith('"anonymous"'), f"{method} {path} counts nobody"
    for method, path in _guarded(app, way_in="operator"):
        answer = await client.request(method, path)
        assert answer.status_code == 401, f"{method} {path}: {answer.text}"
        assert answer.headers["ratelimit-policy"].startswith('"anonymous"'), f"{method} {path} counts nobody"


async def test_strangers_are_counted_at_every_open_door(app: FastAPI, client: httpx.AsyncClient) -> None:
    ways = {"public": "anonymous", "guessable": "auth", "refresh": "refresh", "webhook": "webhooks"}
    for way_in, policy in ways.items():
        found = list(_guarded(app, way_in=way_in))
        assert found, way_in
        for method, path in found:
            answer = await client.request(method, path)
            counted = answer.headers.get("ratelimit-policy", "in nothing")
            assert counted.startswith(f'"{policy}"'), f"{method} {path} is counted {counted}"


async def test_without_the_permission_nothing_opens(app: FastAPI, nobody: Someone) -> None:
    permitted = {door.name for door in doors(app) if any(d.permission for d in door.declarations)}
    assert len(permitted) >= 15
    for method, door in _guarded(app, only=permitted, filled=False):
        path = door.replace("{organization_id}", str(nobody.identity.organization_id))
        answer = await nobody.client.request(method, PARAMETER.sub(str(UUID(int=1)), path))
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), f"{method} {path}"


def test_what_asks_for_no_permission_or_for_a_proof_is_named(app: FastAPI) -> None:
    """Without the list, a route that loses its permission would only be missing from the test above."""
    accounts = [d for d in doors(app) if d.declarations and d.declarations[0].way_in == "account"]
    assert {d.name for d in accounts if d.declarations[0].permission is None} == set(PERSONAL)
    assert {d.name for d in accounts if d.declarations[0].recent} == SENSITIVE


def test_what_lets_in_more_than_an_accounts_session_is_named(app: FastAPI) -> None:
    accounts = [(d.name, d.declarations[0]) for d in doors(app) if d.declarations]
    accounts = [(name, one) for name, one in accounts if one.way_in == "account"]
    assert {name for name, one in accounts if one.keys and one.permission is None} == BY_ANY_KEY
    assert {name for name, one in accounts if one.looking} == WHILE_LOOKING
    assert {name for name, one in accounts if one.awaited} == BEFORE_IT_IS_SET_UP
    assert {name for name, one in accounts if one.ended} == BY_AN_ENDED_SESSION


async def test_operators_doors_are_shut_to_every_account(app: FastAPI, living: Neighbours) -> None:
    found = list(_guarded(app, way_in="operator"))
    assert len(found) >= 8
    for method, path in found:
        answer = await living.ada.client.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), f"{method} {path}"


async def test_an_operator_who_lacks_the_permission_is_refused(
    platform: Platform, app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every permission but the one that the door declares; what changes something declares one to write."""
    async with administrator(platform.settings) as admin:
        await set_up(admin, client)
    every, found = platform.registry.platform_permissions, 0
    for door in doors(app):
        if not door.declarations or door.declarations[0].way_in != "operator":
            continue
        permission, (method, path) = door.declarations[0].permission, door.name.split(" ", 1)
        reads = method == "GET" or path.endswith("/auth/logout")
        assert permission in every, door.name
        assert permission.endswith(".read" if reads else ".write"), f"{door.name}: {permission}"
        monkeypatch.setitem(HOLDS, "operator", tuple(sorted(every - {permission})))
        answer = await client.request(method, PARAMETER.sub(str(UUID(int=1)), path))
        refused = (answer.status_code, answer.json().get("detail"))
        assert refused == (403, f"Operators of your kind lack the permission {permission}."), door.name
        found += 1
    assert found >= 20


def test_a_route_without_a_declaration_does_not_start(settings: Settings) -> None:
    router = APIRouter()

    @router.get("/open")
    async def get_open() -> None: ...

    with pytest.raises(UndeclaredRoute, match="/open"):
        build_api(Registry((App("x", "X", "x", routers=(router,)),)), settings)


def test_a_route_with_an_unknown_permission_does_not_start(settings: Settings) -> None:
    router = APIRouter()

    @router.get("/open")
    async def get_open(ctx: Annotated[Ctx, requires("x.unknown.read")]) -> None: ...

    with pytest.raises(UndeclaredRoute, match=r"x\.unknown\.read"):
        build_api(Registry((App("x", "X", "x", routers=(router,)),)), settings)


def calls(app: FastAPI) -> Iterator[Call]:
    """Every route that names a thing by its id, with a body that fits; operators' are shut to accounts anyway."""
    operators = {f"{method} {path}" for method, path in _guarded(app, way_in="operator", filled=False)}
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            if f"{method.upper()} {path}" in operators:
                continue
            parameters = tuple(p for p in re.findall(r"\{(\w+)", path) if p not in NO_OBJECTS)
            body = _body(app, operation)
            fields = tuple(name for name, value in (body or {}).items() if _is_id(name, value))
            if parameters or fields:
                yield Call(method.upper(), path, parameters, body, fields)


def _is_id(name: str, value: Any) -> bool:
    """A grant's `resource` is a thing; a word by which the audit log is filtered is none."""
    return name in BODY_IDS and (name != "resource" or isinstance(value, dict))


def _guesses(
    call: Call, asks: Someone, owner: Someone
) -> Iterator[tuple[dict[str, list[str]], dict[str, list[str]]]]:
    """Another's ids beside ids of nobody's: each of them in the path; in a body alone, and beside one's own."""
    kinds = {*call.parameters, *(BODY_IDS[field] for field in call.fields)}
    for number in range(max(len(owner.ids[kind]) for kind in kinds)):
        theirs = {kind: [owner.ids[kind][number % len(owner.ids[kind])]] for kind in kinds}
        nobodys = {kind: [str(uuid7())] for kind in kinds}
        if not any(isinstance((call.body or {})[field], list) for field in call.fields):
            yield theirs, nobodys
            continue
        for own_first in (True, False):
            mixed = [
                {
                    kind: ids + asks.ids[kind][:1] if not own_first else asks.ids[kind][:1] + ids
                    for kind, ids in g.items()
                }
                for g in (theirs, nobodys)
            ]
            yield mixed[0], mixed[1]
        yield owner.ids, {kind: [str(uuid7()) for _ in ids] for kind, ids in owner.ids.items()}


def _shape(answer: httpx.Response, ids: Mapping[str, list[str]]) -> Any:
    """The answer without what must differ: the request's id, and the ids that were asked for."""
    text = answer.text
    for one in itertools.chain(*ids.values()):
        text = text.replace(one, "<id>")
    body = json.loads(text) if text else None
    if isinstance(body, dict):
        body.pop("request_id", None)
    headers = {k for k in answer.headers if k != "x-request-id"}
    return body, headers


def _told(data: Any) -> Iterator[Any]:
    """What an answer says beside the days that it was asked for."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from () if name == "date" else _told(value)
    elif isinstance(data, list):
        for value in data:
            yield from _told(value)
    elif data is not None:
        yield data


def _named(place: Any, ids: list[str]) -> Any:
    """The ids as a body holds them: a list, one alone, or one as the thing of a grant."""
    if isinstance(place, list):
        return ids
    return {"kind": "fitness.athlete", "id": ids[0]} if isinstance(place, dict) else ids[0]


async def _everything(one: Someone) -> list[Any]:
    """All that somebody has, to see that nobody changed it."""
    paths = [f"/api/v1/workouts/{workout}" for workout in one.ids["workout_id"]]
    paths += ["/api/v1/workouts", "/api/v1/matches", "/api/v1/jobs", "/api/v1/uploads"]
    return [(await one.client.get(path)).json()["data"] for path in paths]


def lists(app: FastAPI) -> list[str]:
    """Paths of every list that has pages, but operators'."""
    operators = {path for _, path in _guarded(app, way_in="operator", filled=False)}
    found = [
        path
        for path, methods in app.openapi()["paths"].items()
        if any(p["name"] == "cursor" for p in methods.get("get", {}).get("parameters", ()))
        and path not in operators
        # What hangs below a thing is walked with that thing's id.
        and not re.search(r"\{(?!organization_id\})", path)
    ]
    assert len(found) >= 4
    return found


async def _cursor(one: Someone, path: str) -> str | None:
    """Where somebody's second page would begin, if they have two and may see them."""
    answer = await one.listed(path, limit=1)
    if answer.status_code == 403:
        return None
    found: str | None = answer.json()["page"]["next"]
    return found


def _guarded(
    app: FastAPI, only: set[str] | None = None, *, way_in: str = "account", filled: bool = True
) -> Iterator[tuple[str, str]]:
    """Method and path of each door that asks who comes, with ids in the path that nobody has."""
    for door in doors(app):
        method, _, path = door.name.partition(" ")
        if (
            door.declarations
            and door.declarations[0].way_in == way_in
            and (only is None or door.name in only)
        ):
            yield method, PARAMETER.sub(str(UUID(int=1)), path) if filled else path


def _body(app: FastAPI, operation: Mapping[str, Any]) -> dict[str, Any] | None:
    """A body that fits the operation's schema, every field given; None where it takes none."""
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    schema = _resolved(app, content["application/json"]["schema"])
    return {name: _value(app, field) for name, field in schema.get("properties", {}).items()}


def _value(app: FastAPI, schema: Mapping[str, Any]) -> Any:
    schema = _resolved(app, schema)
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return None
    match schema.get("type"):
        case "boolean":
            return True
        case "array":
            return [_value(app, schema["items"])]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "object":
            return {}
    return str(uuid7()) if schema.get("format") == "uuid" else schema.get("enum", ["xxxxxxxxxxxx"])[0]


def _uuid_fields(app: FastAPI) -> Iterator[str]:
    """Names of body fields that hold ids."""
    for methods in app.openapi()["paths"].values():
        for operation in methods.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content:
                for name, field in _resolved(app, content["schema"]).get("properties", {}).items():
                    if '"uuid"' in json.dumps(_resolved(app, field)):
                        yield name


def _uuid_queries(app: FastAPI) -> Iterator[tuple[str, str, str]]:
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] != "path" and '"uuid"' in json.dumps(parameter["schema"]):
                    yield method, path, parameter["name"]


def _resolved(app: FastAPI, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema behind a reference; of several, the one that is an object."""
    if "$ref" in schema:
        found: Mapping[str, Any] = app.openapi()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    choices = [c for c in schema.get("anyOf", ()) if "$ref" in c]
    return _resolved(app, choices[0]) if choices else schema


def test_the_document_knows_every_route(app: FastAPI) -> None:
    """The walk goes by the document: a route that is not in it would not be walked."""
    documented = {f"{m.upper()} {p}" for p, methods in app.openapi()["paths"].items() for m in methods}
    served = {door.name for door in doors(app)}
    assert served - documented <= {"GET /openapi.json", "GET /dev/mail", "GET /dev/mail/{name}"}
    assert len(list(iter_route_contexts(app.routes))) >= len(documented)
