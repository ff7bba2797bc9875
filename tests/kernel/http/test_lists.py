"""What a list can be sorted by and which fields can be asked for is published, and nothing else is taken."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from rowhouse.apps.fitness.files.importing import IMPORT
from rowhouse.kernel.context import RequestInfo
from rowhouse.kernel.http.lists import chosen
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from tests.conftest import Person

OWN = {
    "/api/v1/workouts": "id",
    "/api/v1/athletes": "athlete_id",
    "/api/v1/matches": "id",
    "/api/v1/thresholds": "id",
    "/api/v1/uploads": "id",
    "/api/v1/jobs": "id",
    "/api/v1/notices": "id",
    "/api/v1/api-keys": "id",
    "/api/v1/grants": "id",
    "/api/v1/auth/security-events": "id",
    "/api/v1/audit": "id",
    "/api/v1/organizations/{organization_id}/jobs": "id",
    "/api/v1/organizations/{organization_id}/members": "account_id",
    "/api/v1/organizations/{organization_id}/invitations": "id",
}
OTHERS = {
    "/api/v1/webhook-endpoints/{endpoint_id}/deliveries",
    "/api/v1/admin/organizations",
    "/api/v1/admin/organizations/{organization_id}/accounts",
    "/api/v1/admin/dead-letters",
}
SERIES = {"/api/v1/biometrics"}
"""Values of days, the newest first, each whole: what would be left out of one tells what it is worth."""
UNSORTED = {
    "/api/v1/athletes",
    "/api/v1/organizations/{organization_id}/jobs",
    "/api/v1/admin/organizations",
    "/api/v1/admin/organizations/{organization_id}/accounts",
    "/api/v1/admin/dead-letters",
}
"""By id alone, or read by functions of the database, which go one way."""


def parameters(app: FastAPI, path: str) -> Mapping[str, Any]:
    return {one["name"]: one for one in app.openapi()["paths"][path]["get"]["parameters"]}


def pattern_of(parameter: Mapping[str, Any]) -> str:
    schema = parameter["schema"]
    found: Mapping[str, Any] = next((one for one in schema.get("anyOf", [schema]) if "pattern" in one), {})
    return str(found.get("pattern", ""))


def test_each_list_publishes_what_it_takes(app: FastAPI) -> None:
    paged = {
        path: parameters(app, path)
        for path, operations in app.openapi()["paths"].items()
        if "cursor" in {one["name"] for one in operations.get("get", {}).get("parameters", ())}
    }
    assert paged.keys() == OWN.keys() | OTHERS | SERIES
    for path in OWN.keys() | OTHERS:
        known = paged[path]
        assert pattern_of(known["fields"]).startswith("^("), path
        assert ("sort" in known) == (path not in UNSORTED), path
        assert "sort" not in known or pattern_of(known["sort"]).startswith("^-?("), path


async def test_only_the_fields_asked_for_come(person: Person) -> None:
    assert (await person.client.post("/api/v1/audit/verify")).status_code == 202
    for path, key in OWN.items():
        place = path.format(organization_id=person.identity.organization_id)
        everything = (await person.client.get(place)).json()
        if not everything["data"]:
            continue
        names = [*everything["data"][0]][-2:]
        some = (await person.client.get(f"{place}?fields={','.join(names)}")).json()
        wanted = {key, *names}
        assert [{name: row[name] for name in wanted} for row in everything["data"]] == some["data"]
        assert some["page"] == everything["page"]
        refused = await person.client.get(f"{place}?fields=id,password_hash")
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
        [error] = refused.json()["errors"]
        assert error["field"] == "fields"
        assert error["message"].startswith("It takes ")
        assert names[0] in error["message"]


async def walk(person: Person, path: str, **query: str) -> list[str]:
    """The ids of a list, three a page."""
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        body = (await person.client.get(path, params={**query, "limit": "3", **more})).json()
        found += [row["id"] for row in body["data"]]
        if body["page"]["next"] is None:
            return found
        more = {"cursor": body["page"]["next"]}


async def test_pages_fit_together_in_either_order(platform: Platform, person: Person) -> None:
    async with open_context(platform, person.identity, RequestInfo("test")) as ctx:
        # Those of one millisecond are in no order.
        ids = sorted([str(await enqueue(ctx, IMPORT, {})) for _ in range(5)])
    assert await walk(person, "/api/v1/jobs", sort="created_at", fields="kind", kind=IMPORT.name) == ids
    assert await walk(person, "/api/v1/jobs", kind=IMPORT.name) == ids[::-1]
    newest = await walk(person, "/api/v1/audit")
    assert len(set(newest)) == len(newest) > 6
    assert await walk(person, "/api/v1/audit", sort="at") == newest[::-1]


async def test_a_cursor_is_of_the_order_and_the_filters_it_was_given_for(
    platform: Platform, person: Person
) -> None:
    async with open_context(platform, person.identity, RequestInfo("test")) as ctx:
        for _ in range(2):
            await enqueue(ctx, IMPORT, {})
    asked = {"kind": IMPORT.name, "limit": "1"}
    first = (await person.client.get("/api/v1/jobs", params=asked)).json()
    asked["cursor"] = first["page"]["next"]
    again = {"limit": "2", "fields": "kind", "sort": "-created_at"}
    assert (await person.client.get("/api/v1/jobs", params=asked | again)).status_code == 200
    for other in ({"sort": "created_at"}, {"kind": "other"}, {"state": "queued"}):
        refused = await person.client.get("/api/v1/jobs", params=asked | other)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_cursor")
    refused = await person.client.get("/api/v1/jobs?sort=secret")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "sort")
    assert refused.json()["errors"][0]["message"] == "It takes created_at or -created_at."


def test_a_field_twice_comes_once() -> None:
    assert chosen("kind,id,kind") == ("id", "kind")
