"""The audit log: its filters, its pages, its state."""

from tests.contract.asking import Someone, inside, listed, problem

KEYS = {
    "id", "at", "actor", "operator_id", "action", "resource", "outcome", "changes", "details", "client_address",
    "user_agent", "request_id",
}  # fmt: skip


def test_signing_in_is_in_the_log(someone: Someone) -> None:
    entries, _ = listed(someone.http.get("/api/v1/audit", params={"action": "identity.signed_in"}))
    assert entries
    assert set(entries[0]) == KEYS
    assert set(entries[0]["actor"]) == {"account_id", "user_id", "name"}
    assert entries[0]["outcome"] == "done"


def test_every_filter_narrows(someone: Someone) -> None:
    everything, _ = listed(someone.http.get("/api/v1/audit"))
    one = next(entry for entry in everything if entry["actor"] and entry["actor"]["account_id"])
    for name, value in {
        "actor": one["actor"]["account_id"],
        "action": one["action"],
        "resource": f"{one['resource']['kind']}:{one['resource']['id']}",
        "from": one["at"],
    }.items():
        found, _ = listed(someone.http.get("/api/v1/audit", params={name: value}))
        assert one in found, name
    assert listed(someone.http.get("/api/v1/audit", params={"to": "2000-01-01"})) == ([], None)
    problem(someone.http.get("/api/v1/audit", params={"from": "yesterday"}), 400, "invalid_filter")


def test_pages_follow_each_other(someone: Someone) -> None:
    first, following = listed(someone.http.get("/api/v1/audit", params={"limit": 2}))
    assert following is not None
    second, _ = listed(someone.http.get("/api/v1/audit", params={"limit": 2, "cursor": following}))
    assert len(first) == len(second) == 2
    assert not {entry["id"] for entry in first} & {entry["id"] for entry in second}


def test_the_state_is_told(someone: Someone) -> None:
    state = inside(someone.http.get("/api/v1/audit/state"))
    assert set(state) == {"entries", "verified_at", "ok", "problem", "head_hash"}
    assert state["entries"] > 0
