"""The unprivileged system users the servers run as when Rowhouse itself is started by root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from rowhouse.local.errors import ServerMissing


class Identity(TypedDict, total=False):
    """The arguments of `subprocess` that decide who a child runs as; empty means: as the caller."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """Who a server runs as: the caller, unless that is root (PostgreSQL refuses it, others don't need it)."""

    name: str | None = None
    uid: int | None = None
    gid: int | None = None

    @classmethod
    def for_server(cls, *names: str) -> "Account":
        """The first existing system user of `names`, else `nobody`; the caller itself if not root."""
        if os.geteuid() != 0:
            return cls()
        for name in (*names, "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(name, entry.pw_uid, entry.pw_gid)
        raise ServerMissing(f"none of the users {', '.join((*names, 'nobody'))} exists; add one of them")

    @property
    def identity(self) -> Identity:
        if self.uid is None or self.gid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Gives `path` to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can(self, flag: str, path: Path) -> bool:
        """Whether this account passes `test <flag> <path>`: asked of the kernel, so that ACLs count too."""
        return self.succeeds(["test", flag, str(path)])

    def succeeds(self, command: Sequence[str | Path]) -> bool:
        """Whether the command runs and ends with 0 as this account."""
        try:
            done = subprocess.run(
                command,
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                # Nothing of the caller's: what is preloaded for one user may be closed to another.
                env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
                timeout=20,
                **self.identity,
            )
        except OSError:
            return False
        return done.returncode == 0
