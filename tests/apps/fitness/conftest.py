"""Whatever is sent in a test of training says whose it is."""

from collections.abc import Iterator

import pytest

from tests.statements import reading, wrong


@pytest.fixture(autouse=True)
def statements() -> Iterator[set[str]]:
    """What a test sends, read when it is over."""
    with reading() as sent:
        yield sent
    assert wrong(sent) == []
