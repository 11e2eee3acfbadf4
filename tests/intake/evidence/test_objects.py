"""Are the bytes of photos kept whole and found again, in a folder and in a real S3 server alike?"""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from intake.evidence.objects import Copy, Objects
from lamplight_chassis.clock import utc_now
from lamplight_chassis.errors import Transient

NAME = "ab" + "0" * 62
OTHER = "cd" + "1" * 62
COPIES = {Copy.ORIGINAL: b"original", Copy.PHOTO: b"photo", Copy.THUMBNAIL: b"thumbnail"}
HOUR = timedelta(hours=1)


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest) -> Objects:
    found: Objects = request.getfixturevalue("objects" if request.param == "folder" else "s3_objects")
    return found


async def test_what_is_put_is_got_again(store: Objects) -> None:
    assert not await store.has(NAME)

    await store.put(NAME, COPIES)

    assert await store.has(NAME)
    assert {copy: await store.get(NAME, copy) for copy in Copy} == COPIES


async def test_what_was_never_put_is_not_there(store: Objects) -> None:
    assert await store.get(NAME, Copy.PHOTO) is None


async def test_a_photo_put_twice_is_there_once(store: Objects) -> None:
    await store.put(NAME, COPIES)
    await store.put(NAME, COPIES)

    assert await store.older_than(utc_now() + HOUR, shard="ab") == [NAME]


async def test_what_is_removed_is_gone_and_may_be_removed_again(store: Objects) -> None:
    await store.put(NAME, COPIES)
    await store.put(OTHER, COPIES)

    await store.remove(NAME)
    await store.remove(NAME)

    assert [await store.get(NAME, copy) for copy in Copy] == [None, None, None]
    assert await store.has(OTHER)
    assert await store.shards() == ["cd"]


async def test_names_are_listed_by_shard_and_age(store: Objects) -> None:
    await store.put(NAME, COPIES)
    await store.put(OTHER, COPIES)

    assert await store.shards() == ["ab", "cd"]
    assert await store.older_than(utc_now() + HOUR, shard="cd") == [OTHER]
    assert await store.older_than(utc_now() - HOUR, shard="cd") == []


async def test_ten_megabytes_are_one_object(store: Objects) -> None:
    data = os.urandom(10 * 1024 * 1024)

    await store.put(NAME, {**COPIES, Copy.ORIGINAL: data})

    assert await store.get(NAME, Copy.ORIGINAL) == data


async def test_a_store_that_is_away_is_a_passing_trouble() -> None:
    away = Objects.in_s3(
        bucket="b", region="r", access_key_id="a", secret_access_key="s", endpoint="http://127.0.0.1:1"
    )

    with pytest.raises(Transient, match="object store"):
        await away.put(NAME, COPIES)


async def test_a_full_or_closed_folder_is_a_passing_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    store = Objects.in_folder(folder)
    (folder / "ab").write_text("a file where a folder should be")

    with pytest.raises(Transient, match="object store"):
        await store.put(NAME, COPIES)


async def test_a_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    Objects.in_folder(tmp_path / "deep" / "evidence")

    assert (tmp_path / "deep" / "evidence").stat().st_mode & 0o077 == 0


async def test_only_old_files_that_were_never_finished_are_cleared(tmp_path: Path, objects: Objects) -> None:
    await objects.put(NAME, COPIES)
    home = tmp_path / "evidence" / "ab"
    old, young, foreign = home / NAME / "photo#1", home / NAME / "original#2", home / "mine" / "notes#1"
    foreign.parent.mkdir()
    for path in (old, young, foreign):
        path.write_bytes(b"half")
    for path in (old, foreign):
        os.utime(path, (time.time() - 7200,) * 2)

    assert await objects.clear_half_written(utc_now() - HOUR, shard="ab") == 1

    assert (old.exists(), young.exists(), foreign.exists()) == (False, True, True)
    assert await objects.has(NAME)
