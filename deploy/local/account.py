"""As whom does PostgreSQL run, which refuses to run as root?"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from deploy.local.failure import CannotRun

UNPRIVILEGED = "nobody"


class PopenIdentity(TypedDict, total=False):
    """The keyword arguments with which `subprocess` starts a process as another account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A system account without rights."""

    uid: int
    gid: int

    def can_reach(self, path: Path) -> bool:
        """Whether every folder above the path lets strangers pass."""
        return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.absolute().parents)

    def own(self, path: Path) -> None:
        """Give the path to this account, closed to everybody else."""
        os.chown(path, self.uid, self.gid)
        path.chmod(0o700 if path.is_dir() else 0o600)


def popen_identity(account: Account | None) -> PopenIdentity:
    """How `subprocess` starts a process as this account, or as the caller when there is none."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


def server_account() -> Account | None:
    """The account to run PostgreSQL as, or None when this process is an ordinary user's."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise CannotRun(
            f"PostgreSQL refuses to run as root and there is no account named {UNPRIVILEGED}: run this as another user."
        ) from error
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)
