"""What reaches Sentry of an error: where it happened, and nothing of the people concerned."""

import json
from collections.abc import Iterator
from typing import ClassVar

import pytest
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from rowhouse.kernel.observability import reporting

EMAIL = "maria@example.org"


class Kept(Transport):
    """Takes envelopes in the place of Sentry."""

    envelopes: ClassVar[list[Envelope]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)


@pytest.fixture
def reports() -> Iterator[list[Envelope]]:
    Kept.envelopes.clear()
    reporting.begin("tests", "https://key@sentry.example.org/1", env="test", transport=Kept)
    yield Kept.envelopes
    reporting.end()


def fail(password: str) -> None:
    row = f"DETAIL:  Failing row contains (Maria Secret, {EMAIL})"
    raise ValueError(f"refused for {EMAIL} with rh_live_{'x' * 24}\n{row}", len(password))


def test_an_error_is_told_without_its_values(reports: list[Envelope]) -> None:
    try:
        fail("quiet-otters-paddle")
    except ValueError as error:
        reporting.report(error, request_id="r1")
    [envelope] = reports
    event = envelope.get_event()
    assert event is not None
    told = json.dumps(event, default=str)
    assert "ValueError" in told
    assert event["tags"] == {"process": "tests", "request_id": "r1"}
    assert set(event) <= reporting.KEPT
    for secret in (EMAIL, "Maria Secret", "quiet-otters", "rh_live_", "vars"):
        assert secret not in told, secret
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "fail"


def test_without_a_dsn_nothing_is_told() -> None:
    Kept.envelopes.clear()
    reporting.begin("tests", "", env="test", transport=Kept)
    reporting.report(ValueError("x"))
    assert Kept.envelopes == []
