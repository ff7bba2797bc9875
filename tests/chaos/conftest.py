import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import remove_home


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path: its parents are closed to the users that the servers run as.
    path = Path(tempfile.mkdtemp(prefix="rowhouse-chaos-"))
    path.chmod(0o755)
    yield path
    remove_home(path / "run")
    remove_home(path)
