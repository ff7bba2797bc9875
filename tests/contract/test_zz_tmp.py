from tests.contract.conftest import *
from tests.contract.test_matches import *
import pytest
@pytest.fixture(autouse=True, scope="session")
def dumplog(live_run):
    yield
    import glob, pathlib
    for p in pathlib.Path(str(getattr(live_run,"home",getattr(live_run,"folder","/nonexistent")))).rglob("*.log"):
        t=p.read_text(errors="replace")
        for l in t.splitlines():
            if "unhandled" in l or "rror" in l[:400]: print("LOG", p.name, l[:3000])
