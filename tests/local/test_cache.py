"""Where does the launcher keep the jars?"""

from __future__ import annotations

from pathlib import Path

from deploy.local.cache import REPOSITORY_CACHE, cache_folder


def test_the_folder_of_the_variable_is_used_before_any_other(tmp_path: Path) -> None:
    environment = {"LAMPLIGHT_CACHE": str(tmp_path / "mine"), "HOME": str(tmp_path)}

    folder = cache_folder(environment)

    assert folder == tmp_path / "mine"


def test_the_users_cache_folder_is_shared_by_all_checkouts(tmp_path: Path) -> None:
    folder = cache_folder({"XDG_CACHE_HOME": str(tmp_path)})

    assert folder == tmp_path / "lamplight"
    assert folder.is_dir()


def test_without_a_home_the_jars_stay_in_the_repository() -> None:
    assert cache_folder({}) == REPOSITORY_CACHE


def test_with_a_home_that_cannot_be_written_the_jars_stay_in_the_repository(tmp_path: Path) -> None:
    no_folder = tmp_path / "home"
    no_folder.write_text("")

    assert cache_folder({"HOME": str(no_folder)}) == REPOSITORY_CACHE
