"""Does root's PostgreSQL find a place that its own account can reach?"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.account import Account, server_account
from deploy.local.failure import CannotRun
from deploy.local.postgres_place import find_programs, make_home, reachable_copy
from tests.local.builders import NOBODY_UID, without_rights

NOBODY = Account(uid=NOBODY_UID, gid=NOBODY_UID)
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run PostgreSQL as somebody else")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can pass through."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def closed_folder(open_folder: Path) -> Path:
    """A folder like root's home."""
    folder = open_folder / "closed"
    folder.mkdir(mode=0o700)
    return folder


def test_an_ordinary_user_runs_postgresql_as_himself() -> None:
    with without_rights():
        assert server_account() is None


@only_root
def test_root_runs_postgresql_as_an_account_without_rights() -> None:
    account = server_account()

    assert account is not None
    assert account.uid != 0


def test_an_ordinary_users_data_lie_in_the_data_folder(closed_folder: Path) -> None:
    assert make_home(closed_folder, None) == closed_folder / "postgres"


@only_root
def test_roots_data_lie_in_the_data_folder_when_the_account_can_go_there(open_folder: Path) -> None:
    home = make_home(open_folder, NOBODY)

    assert home == open_folder / "postgres"
    assert home.stat().st_uid == NOBODY_UID


@only_root
def test_data_in_a_closed_folder_lie_where_a_link_leads_to(closed_folder: Path, open_folder: Path) -> None:
    home = make_home(closed_folder, NOBODY, state_folder=open_folder / "state")

    assert home.parent == open_folder / "state"
    assert (closed_folder / "postgres").readlink() == home
    assert NOBODY.can_reach(home)


@only_root
def test_the_link_is_followed_at_every_later_start(closed_folder: Path, open_folder: Path) -> None:
    first = make_home(closed_folder, NOBODY, state_folder=open_folder / "state")

    assert make_home(closed_folder, NOBODY, state_folder=open_folder / "state") == first


@only_root
def test_a_state_folder_that_is_not_roots_is_refused(closed_folder: Path, open_folder: Path) -> None:
    state_folder = open_folder / "state"
    state_folder.mkdir()
    os.chown(state_folder, NOBODY_UID, NOBODY_UID)

    with pytest.raises(CannotRun, match="not root's: remove that folder"):
        make_home(closed_folder, NOBODY, state_folder=state_folder)


@only_root
def test_a_state_folder_that_cannot_be_made_is_refused(closed_folder: Path, open_folder: Path) -> None:
    (open_folder / "file").touch()

    with pytest.raises(CannotRun, match=r"cannot be made .*run this as another user"):
        make_home(closed_folder, NOBODY, state_folder=open_folder / "file" / "state")


def test_the_installed_programs_are_used_where_they_are() -> None:
    assert (find_programs(None) / "postgres").is_file()


@only_root
def test_programs_that_the_account_cannot_reach_are_copied_once(closed_folder: Path, open_folder: Path) -> None:
    package = closed_folder / "package"
    (package / "pginstall" / "bin").mkdir(parents=True)
    (package / "pginstall" / "bin" / "postgres").write_text("first")

    copy = reachable_copy(package, open_folder)
    (package / "pginstall" / "bin" / "postgres").write_text("changed")
    again = reachable_copy(package, open_folder)

    assert NOBODY.can_reach(copy / "pginstall" / "bin" / "postgres")
    assert again == copy
    assert (copy / "pginstall" / "bin" / "postgres").read_text() == "first"
