"""The folder of one local run (`.rowhouse/`): its secrets, its ports, its logs and its servers' data.

secrets/   one file each, 0600, folder 0700
ports.json a server's port, kept so that addresses survive a restart
logs/      what the servers say
data/      one folder per server, each owned by the user the server runs as, and etc/ with their configuration
"""

import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from rowhouse.local.accounts import Account
from rowhouse.local.errors import LocalError
from rowhouse.local.ports import free_port

ELSEWHERE = Path("/var/lib/rowhouse")


def random_password() -> str:
    """256 random bits that need no quoting in an address."""
    return secrets.token_urlsafe(32)


def write_private(path: Path, text: str, owner: Account | None = None) -> None:
    """Replaces `path` in one step by a file that only its owner reads; a crash leaves old or new."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    staged = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if owner:
            owner.own(staged)
        staged.replace(path)
    except BaseException:
        staged.unlink()
        raise


class Home:
    """The folder of one local run."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.path.mkdir(parents=True, exist_ok=True)
        # Started by root, the servers' users must pass through to their data, and through only.
        self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        self.logs = self._private("logs")
        self.secrets = self._private("secrets")

    def secret(self, name: str, make: Callable[[], str] = random_password) -> str:
        """The kept secret of that name; made at the first call."""
        path = self.secrets / name
        if not path.exists():
            write_private(path, make())
        return path.read_text(encoding="utf-8").strip()

    def port(self, name: str) -> int:
        """The kept port of that name; chosen at the first call."""
        return self._ports().get(name) or self.new_port(name)

    def new_port(self, name: str) -> int:
        """Another port for that name, free now and kept from now on."""
        ports = self._ports()
        ports[name] = next(port for port in iter(free_port, None) if port not in ports.values())
        write_private(self.path / "ports.json", json.dumps(ports, indent=2) + "\n")
        return ports[name]

    def data(self, name: str, account: Account) -> Path:
        """The folder of that server's data, 0700 and owned by `account`; made at the first call."""
        folder = self.shared(account) / name
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        account.own(folder)
        return folder

    def etc(self, name: str, account: Account) -> Path:
        """The folder of that server's configuration, which its user reads and can't replace.

        Were it inside the data, a broken-into server could plant a link there and have root write through it.
        """
        folder = self.shared(account) / "etc" / name
        for part in (folder.parent, folder):
            part.mkdir(exist_ok=True)
            part.chmod(0o711)
        return folder

    def shared(self, account: Account) -> Path:
        """The folder that holds all servers' data, elsewhere if the account can't reach the home."""
        data = self.path / "data"
        if not data.exists() and not data.is_symlink():
            if account.can("-x", self.path):
                data.mkdir(mode=0o711)
            else:
                data.symlink_to(self._elsewhere(), target_is_directory=True)
        real = data.resolve()
        if not real.is_dir() or not account.can("-x", real):
            raise LocalError(
                f"the user {account.name or 'you are'} can't reach {data}: open its parents with chmod o+x, "
                "or choose another folder by ROWHOUSE_HOME"
            )
        return real

    def _elsewhere(self) -> Path:
        # A fresh folder each time: data left by a deleted home has lost its secrets and must not be adopted.
        ELSEWHERE.mkdir(mode=0o711, parents=True, exist_ok=True)
        digest = hashlib.sha256(str(self.path).encode()).hexdigest()[:8]
        folder = Path(tempfile.mkdtemp(prefix=f"{digest}-", dir=ELSEWHERE))
        folder.chmod(0o711)
        return folder

    def _ports(self) -> dict[str, int]:
        try:
            ports: dict[str, int] = json.loads((self.path / "ports.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return ports

    def _private(self, name: str) -> Path:
        folder = self.path / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder
