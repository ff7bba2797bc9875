"""Mass assignment: no body takes a field that it doesn't name, at any depth."""

from typing import Any

from fastapi import FastAPI

from tests.attacks.described import Body, bodies, filled, objects
from tests.kernel.identity.doubles import Caller, Person, signed_in
from tests.operators import Operator

COVETED = (
    "role", "organization_id", "account_id", "user_id", "id", "state", "email_verified", "email_verified_at", "permissions",
    "holds", "is_admin", "operator_id", "password_hash", "created_by", "version", "authenticated_at", "__class__",
)  # fmt: skip
FREE = {
    ".values": "answers of onboarding, checked against their stage's own form",
    ".passkey": "an assertion, read by the WebAuthn library",
    ".order": "sources by names of figures that the service knows",
    ".actions": "an organization's own limits, by names that the registry knows",
    ".credential": "a new passkey, or what one has signed, likewise",
    ".credential.response": "what is inside it",
}
"""Objects whose names are not ours to know."""


async def test_no_body_takes_what_it_does_not_name(
    app: FastAPI, caller: Caller, person: Person, operator: Operator
) -> None:
    await signed_in(caller, person)
    organization = str(person.identity.organization_id)
    found = list(bodies(app))
    assert len(found) >= 35
    for body in found:
        by_operator = body.path.startswith("/api/v1/admin/") and not body.path.startswith(
            "/api/v1/admin/auth"
        )
        http = operator.client if by_operator else caller.http
        answer = await http.request(body.method, filled(body.path, organization), json=_coveting(body))
        assert answer.status_code == 422, f"{body.method} {body.path}: {answer.text}"
        refused = {e["field"] for e in answer.json()["errors"] if e["code"] == "extra_forbidden"}
        assert refused == set(_coveting(body)), f"{body.method} {body.path}"


def test_every_object_says_what_it_takes(app: FastAPI) -> None:
    """In the document, where those inside others are found as well."""
    loose = {
        f"{body.method} {body.path} {at}"
        for body in bodies(app)
        for at, schema in objects(app, body.schema)
        if schema.get("additionalProperties") is not False and at not in FREE
    }
    assert loose == set()


def _coveting(body: Body) -> dict[str, Any]:
    return {name: "owner" for name in COVETED if name not in body.schema.get("properties", {})}
