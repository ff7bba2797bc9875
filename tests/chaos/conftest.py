import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.accounting import LINES
from tests.services import remove_home


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path: its parents are closed to the users that the servers run as.
    path = Path(tempfile.mkdtemp(prefix="rowhouse-chaos-"))
    path.chmod(0o755)
    yield path
    remove_home(path / "run")
    remove_home(path)


@pytest.fixture(scope="session", autouse=True)
def accounts() -> Iterator[None]:
    """Shows the closed accounts at the end; xdist's workers write into the wind, so `make chaos` runs without."""
    yield
    for line in LINES:
        print(line)
