"""Flows as data: what the start refuses, and what is read from the terms' file."""

from typing import Annotated

import pytest
from pydantic import BaseModel

from rowhouse.apps.fitness.onboarding import SPORTS as ASKED
from rowhouse.apps.fitness.recordings.sports import SPORTS
from rowhouse.kernel.onboarding.fields import OneOf, form_of
from rowhouse.kernel.onboarding.flow import TERMS, Flow, Stage
from rowhouse.kernel.onboarding.terms import Section, Terms, parse_terms
from rowhouse.kernel.registry import App, Registry


class Inner(BaseModel):
    deep: str


class Nested(BaseModel):
    inner: Inner


class Optional(BaseModel):
    size: Annotated[str, OneOf({"s": "Small", "l": "Large"})] | None = None
    count: int = 3


def test_a_field_that_no_form_can_have_fails_the_start() -> None:
    with pytest.raises(TypeError, match="inner"):
        Stage("nested", "Nested", Nested)


def test_two_flows_of_one_role_fail_the_start() -> None:
    flows = tuple(Flow(name, ("rower",), (TERMS,)) for name in ("one", "two"))
    registry = Registry((App("a", "A", "a", onboarding=flows[:1]), App("b", "B", "b", onboarding=flows[1:])))
    with pytest.raises(ValueError, match="rower"):
        _ = registry.flows


def test_a_form_is_flat() -> None:
    form = form_of(Optional)
    assert form["required"] == []
    assert form["properties"]["size"]["oneOf"] == [
        {"const": "s", "title": "Small"},
        {"const": "l", "title": "Large"},
    ]
    assert form["properties"]["count"] == {"type": "integer", "title": "Count"}


def test_terms_are_read_from_their_file() -> None:
    text = "# Terms\n\n## First\nOne\nparagraph.\n\nAnother.\n\n## Second\nThe last.\n"
    assert parse_terms("2026-01-01", text) == Terms(
        "2026-01-01",
        "Terms",
        (Section("First", ("One paragraph.", "Another.")), Section("Second", ("The last.",))),
    )


def test_sports_are_the_taxonomys() -> None:
    assert set(ASKED) <= set(SPORTS)
