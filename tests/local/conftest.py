import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import remove_home


@pytest.fixture
def home() -> Iterator[Path]:
    yield from _home()


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    yield from _home()


def _home() -> Iterator[Path]:
    # Not tmp_path: its parents are closed to the users that the servers run as.
    path = Path(tempfile.mkdtemp(prefix="rowhouse-local-"))
    path.chmod(0o755)
    yield path
    for link in [found for found in path.rglob("data") if found.is_symlink()]:
        remove_home(link.parent)
    remove_home(path)
