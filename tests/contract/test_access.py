"""Permissions, roles, grants and API keys as the contract promises them: over HTTP alone."""

from typing import Any

import httpx

from tests.conftest import MakePerson, Person

V1 = "/api/v1"


def data(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()["data"]


async def test_me_tells_permissions_and_where_they_come_from(person: Person) -> None:
    me = data(await person.client.get(f"{V1}/auth/me"))
    assert me.keys() == {"user", "account", "accounts", "organization", "permissions"}
    assert {"permission": "fitness.workouts.read", "source": "role:owner"} in me["permissions"]
    assert all(one.keys() == {"permission", "source"} for one in me["permissions"])


async def test_an_api_key_is_made_used_rotated_and_ended(person: Person, client: httpx.AsyncClient) -> None:
    body = {"name": "Nightly", "permissions": ["fitness.workouts.read"]}
    made = data(await person.client.post(f"{V1}/api-keys", json=body), 201)
    assert made["key"].startswith("rh_live_")

    async def status(key: str, path: str = "/workouts") -> int:
        return (await client.get(V1 + path, headers={"Authorization": f"Bearer {key}"})).status_code

    assert (await status(made["key"]), await status(made["key"], "/jobs")) == (200, 403)
    listed = (await person.client.get(f"{V1}/api-keys")).json()
    assert listed["page"].keys() == {"next", "limit"}
    assert [one["id"] for one in listed["data"]] == [made["id"]]
    assert made["key"] not in str(listed)
    rotated = data(await person.client.post(f"{V1}/api-keys/{made['id']}/rotate"))
    assert rotated["key"] != made["key"]
    assert [await status(made["key"]), await status(rotated["key"])] == [200, 200]
    assert (await person.client.delete(f"{V1}/api-keys/{made['id']}")).status_code == 204
    assert [await status(made["key"]), await status(rotated["key"])] == [401, 401]


async def test_lists_and_problems_have_the_contracts_shapes(person: Person) -> None:
    for path in ("permissions", "roles", "grants", "api-keys"):
        answer = (await person.client.get(f"{V1}/{path}")).json()
        assert answer.keys() == {"data", "page"}, path
    role = {"name": "front-desk", "title": "Front desk", "holds": ["kernel.jobs.read"]}
    made = data(await person.client.post(f"{V1}/roles", json=role), 201)
    assert made | role == made
    again = await person.client.post(f"{V1}/roles", json=role)
    assert again.headers["content-type"] == "application/problem+json"
    assert (again.status_code, again.json()["code"]) == (409, "role_name_taken")
    wrong = await person.client.post(f"{V1}/roles", json=role | {"name": "x", "holds": ["kernel.jobs.fly"]})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0].keys() == {"field", "code", "message"}


async def test_anothers_are_nobodys(person: Person, make_person: MakePerson) -> None:
    other = await make_person()
    key = data(
        await other.client.post(f"{V1}/api-keys", json={"name": "x", "permissions": ["kernel.jobs.read"]}),
        201,
    )
    role = data(
        await other.client.post(
            f"{V1}/roles", json={"name": "desk", "title": "Desk", "holds": ["kernel.jobs.read"]}
        ),
        201,
    )
    for method, path in (
        ("DELETE", f"/api-keys/{key['id']}"),
        ("POST", f"/api-keys/{key['id']}/rotate"),
        ("PATCH", f"/roles/{role['id']}"),
        ("DELETE", f"/roles/{role['id']}"),
    ):
        answer = await person.client.request(method, V1 + path, json={} if method == "PATCH" else None)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
