"""Where do the bytes of photos lie: in a folder, or in a store that speaks S3?

Each photo has three objects under the SHA-256 of its original: `ab/abcd…/original`, `photo` and `thumbnail`. The
library's blocking calls run in threads of our own: its asynchronous ones can abort the whole process when it ends
within milliseconds of the last call (seen in 1 of 4 runs of a short program with obstore 0.12.1, never with these).
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from lamplight_chassis.errors import Transient

if TYPE_CHECKING:
    from obstore.store import S3Config

THREADS = 8
S3_TIMEOUT = timedelta(seconds=20)
S3_RETRIES = 2

Result = TypeVar("Result")

_OURS = re.compile(r"(?P<shard>[0-9a-f]{2})/(?P<name>(?P=shard)[0-9a-f]{62})/(original|photo|thumbnail)")


class Copy(StrEnum):
    """Which of a photo's objects."""

    ORIGINAL = "original"
    PHOTO = "photo"
    THUMBNAIL = "thumbnail"


SHOWN = frozenset({Copy.PHOTO, Copy.THUMBNAIL})
"""The copies without EXIF; the original is evidence and leaves only with rights of its own."""

REMOVAL_ORDER = (Copy.ORIGINAL, Copy.PHOTO, Copy.THUMBNAIL)
"""The original goes first and is written last: where it lies, the copies lie too."""


class Objects:
    """The objects of all photos; build it with `in_folder` or `in_s3`.

    Every call raises Transient when the store cannot be reached.
    """

    def __init__(self, store: LocalStore | S3Store, *, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="objects")

    @staticmethod
    def in_folder(folder: Path) -> Objects:
        """Keep them in a folder, which is made when it is missing; several instances must share it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Objects(LocalStore(folder, automatic_cleanup=True), folder=folder)

    @staticmethod
    def in_s3(
        *, bucket: str, region: str, access_key_id: str, secret_access_key: str, endpoint: str = "", prefix: str = ""
    ) -> Objects:
        """Keep them in a bucket of AWS, or of whatever else speaks S3 at `endpoint`."""
        config: S3Config = {"region": region, "access_key_id": access_key_id, "secret_access_key": secret_access_key}
        if endpoint:
            config["endpoint"] = endpoint
        store = S3Store(
            bucket,
            prefix=prefix or None,
            config=config,
            client_options={"timeout": S3_TIMEOUT, "allow_http": endpoint.startswith("http://")},
            retry_config={"max_retries": S3_RETRIES, "retry_timeout": S3_TIMEOUT},
        )
        return Objects(store)

    async def put(self, sha256: str, copies: Mapping[Copy, bytes]) -> None:
        """Write a photo's objects, each at once or not at all, and to the disk before this returns."""
        for copy in reversed(REMOVAL_ORDER):
            await self._run(partial(self._write, _path(sha256, copy), copies[copy]))

    async def has(self, sha256: str) -> bool:
        """Whether a photo's objects are all there."""
        return await self._run(partial(self._look, _path(sha256, Copy.ORIGINAL)))

    async def get(self, sha256: str, copy: Copy) -> bytes | None:
        """The bytes of one object, None when it is not there."""
        return await self._run(partial(self._read, _path(sha256, copy)))

    async def remove(self, sha256: str) -> None:
        """Delete what there is of a photo."""
        for copy in REMOVAL_ORDER:
            await self._run(partial(self._delete, _path(sha256, copy)))

    async def shards(self) -> Sequence[str]:
        """The first two digits of all names that there are, in their order."""
        return await self._run(self._shards)

    async def older_than(self, before: datetime, *, shard: str) -> Sequence[str]:
        """The names in a shard all of whose objects were written before a time; what is not ours is not seen."""
        return await self._run(partial(self._older_than, before, shard))

    async def clear_half_written(self, before: datetime, *, shard: str) -> int:
        """Delete what a killed process left of its writes in a folder; S3 keeps nothing of those."""
        return await self._run(partial(self._clear_half_written, before, shard))

    async def _run(self, call: Callable[[], Result]) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except BaseError as error:
            raise Transient(f"the object store failed: {type(error).__name__}") from error

    def _write(self, path: str, data: bytes) -> None:
        self._store.put(path, data, use_multipart=False)
        if self._folder is not None:  # the library renames, but leaves it to the system when the bytes reach the disk
            file = self._folder / path
            for place in (file, file.parent, file.parent.parent):
                _flush(place)

    def _look(self, path: str) -> bool:
        try:
            self._store.head(path)
        except FileNotFoundError:
            return False
        return True

    def _read(self, path: str) -> bytes | None:
        try:
            return self._store.get(path).bytes().to_bytes()
        except FileNotFoundError:
            return None

    def _delete(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self._store.delete(path)

    def _shards(self) -> Sequence[str]:
        return sorted(prefix for prefix in self._store.list_with_delimiter()["common_prefixes"] if len(prefix) == 2)

    def _older_than(self, before: datetime, shard: str) -> Sequence[str]:
        newest: dict[str, datetime] = {}
        for found in self._store.list(f"{shard}/").collect():
            if ours := _OURS.fullmatch(found["path"]):
                newest[ours["name"]] = max(found["last_modified"], newest.get(ours["name"], found["last_modified"]))
        return sorted(name for name, written_at in newest.items() if written_at < before)

    def _clear_half_written(self, before: datetime, shard: str) -> int:
        if self._folder is None:
            return 0
        found = [path for path in (self._folder / shard).glob("*/*#*") if _is_ours(path) and _is_older(path, before)]
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)


def _path(sha256: str, copy: Copy) -> str:
    return f"{sha256[:2]}/{sha256}/{copy}"


def _is_ours(path: Path) -> bool:
    return _OURS.fullmatch("/".join(path.parts[-3:]).partition("#")[0]) is not None


def _is_older(path: Path, before: datetime) -> bool:
    return path.stat().st_mtime < before.timestamp()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
