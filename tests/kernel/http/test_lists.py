"""What a list can be sorted by and which fields can be asked for is published, and nothing else is taken."""

from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI

from rowhouse.apps.fitness.files.importing import IMPORT
from rowhouse.kernel.context import RequestInfo
from rowhouse.kernel.http.lists import Paged, chosen
from rowhouse.kernel.jobs.schemas import JobView
from rowhouse.kernel.jobs.service import enqueue
from rowhouse.kernel.platform import Platform
from rowhouse.kernel.work import open_context
from tests.conftest import Person

CHOOSING = {
    "/api/v1/workouts": "id",
    "/api/v1/jobs": "id",
    "/api/v1/organizations/{organization_id}/jobs": "id",
    "/api/v1/organizations/{organization_id}/members": "account_id",
    "/api/v1/audit": "id",
    "/api/v1/webhook-endpoints/{endpoint_id}/deliveries": "id",
}


def parameters(app: FastAPI, path: str) -> Mapping[str, Any]:
    return {one["name"]: one for one in app.openapi()["paths"][path]["get"]["parameters"]}


def pattern_of(parameter: Mapping[str, Any]) -> str:
    schema = parameter["schema"]
    found: Mapping[str, Any] = next((one for one in schema.get("anyOf", [schema]) if "pattern" in one), {})
    return str(found.get("pattern", ""))


def test_each_list_publishes_what_it_takes(app: FastAPI) -> None:
    taking = {
        path: parameters(app, path)
        for path, operations in app.openapi()["paths"].items()
        if {"sort", "fields"} & {one["name"] for one in operations.get("get", {}).get("parameters", ())}
    }
    assert taking.keys() == CHOOSING.keys()
    for path, known in taking.items():
        assert pattern_of(known["fields"]).startswith("^("), path
        assert "sort" not in known or pattern_of(known["sort"]).startswith("^-?("), path


@pytest.mark.parametrize("path", [path for path in CHOOSING if "endpoint" not in path])
async def test_only_the_fields_asked_for_come(person: Person, path: str) -> None:
    place = path.format(organization_id=person.identity.organization_id)
    assert (await person.client.post("/api/v1/audit/verify")).status_code == 202
    everything = (await person.client.get(place)).json()
    names = [*everything["data"][0]][-2:] if everything["data"] else ["title", "sport"]
    some = (await person.client.get(f"{place}?fields={','.join(names)}")).json()
    wanted = {CHOOSING[path], *names}
    assert [{name: row[name] for name in wanted} for row in everything["data"]] == some["data"]
    assert some["page"] == everything["page"]
    refused = await person.client.get(f"{place}?fields=id,password_hash")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    [error] = refused.json()["errors"]
    assert error["field"] == "fields"
    assert error["message"].startswith("It takes ")
    assert names[0] in error["message"]


async def test_pages_fit_together_in_either_order(platform: Platform, person: Person) -> None:
    async with open_context(platform, person.identity, RequestInfo("test")) as ctx:
        ids = [str(await enqueue(ctx, IMPORT, {})) for _ in range(5)]
    for sort, expected in (("created_at", ids), ("-created_at", ids[::-1])):
        found: list[str] = []
        cursor = ""
        while True:
            query = f"sort={sort}&limit=2&fields=kind&kind={IMPORT.name}{cursor}"
            body = (await person.client.get(f"/api/v1/jobs?{query}")).json()
            found += [row["id"] for row in body["data"]]
            if body["page"]["next"] is None:
                break
            cursor = f"&cursor={body['page']['next']}"
        assert found == expected
    other = await person.client.get(f"/api/v1/jobs?sort=created_at{cursor}")
    assert (other.status_code, other.json()["code"]) == (400, "invalid_cursor")
    refused = await person.client.get("/api/v1/jobs?sort=secret")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "sort")
    assert refused.json()["errors"][0]["message"] == "It takes created_at."


def test_a_field_twice_comes_once() -> None:
    assert chosen("kind,id,kind") == ("id", "kind")
    assert Paged("jobs", JobView).last(None) is None
