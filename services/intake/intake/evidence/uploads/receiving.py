"""How does a photo arrive over a network that breaks, and what becomes of it when it is complete?"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import ClientDisconnect

from intake.evidence.album import Album
from intake.evidence.photos import Photo, name_of
from intake.evidence.store import photo_with_name
from intake.evidence.uploads.store import (
    Upload,
    append_part,
    content_of,
    create_upload,
    drop_expired,
    drop_upload,
    settle_upload,
    upload_with_id,
)
from lamplight_chassis.answers import to_json
from lamplight_chassis.clock import Clock, NewId
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Again, Rejected, Transient
from lamplight_chassis.idempotency import Answer, IdempotencyKey, Outcome, perform_once

PART_BYTES = 256 * 1024
REMEMBERED = timedelta(days=1)
"""For so long an expired upload is said to have expired; after that nothing is known of it."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How long an upload waits for its next part, and for its report; how many bytes may be on their way at once."""

    lives: timedelta = timedelta(hours=24)
    most_bytes: int = 2 * 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Creation:
    upload: Upload
    idempotency: IdempotencyKey | None


class Uploads:
    """Receives photos in parts; every part that was answered, and every full 256 KiB before, outlives a kill -9."""

    def __init__(self, *, database: Database, album: Album, limits: UploadLimits, now: Clock, new_id: NewId) -> None:
        self._database = database
        self._album = album
        self._limits = limits
        self._now = now
        self._new_id = new_id

    async def create(self, length_bytes: int, *, expected_sha256: str | None, key: IdempotencyKey | None) -> Answer:
        """Begin an upload; the same key gets the same one.

        Raises:
            Rejected: the key was used for another request.
            Transient: too many bytes are on their way already.
        """
        expires_at = self._now() + self._limits.lives
        creation = _Creation(Upload(self._new_id(), length_bytes, 0, expected_sha256, expires_at), key)
        while True:
            try:
                async with self._database.transaction() as work:
                    insert = partial(self._insert, work.connection)
                    [outcome] = await perform_once(work.connection, [creation], insert)
            except Again:
                continue
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

    async def find(self, upload_id: UUID) -> Upload:
        """One upload that has not expired.

        Raises:
            Rejected: `not_found`, `upload_expired`.
        """
        upload = await upload_with_id(self._database, upload_id)
        if upload is None:
            raise Rejected("not_found", f"there is no upload {upload_id}")
        if upload.expires_at <= self._now():
            raise Rejected("upload_expired", f"the upload {upload_id} has expired, begin a new one")
        return upload

    async def append(
        self, upload_id: UUID, parts: AsyncIterator[bytes], *, offset: int, declared: int | None
    ) -> Upload:
        """Keep what arrives, in pieces, also when it breaks off; a complete upload becomes a photo.

        Arguments:
            declared: how many bytes the request says it has, None when it does not say.

        Raises:
            Rejected: `upload_conflict` for another offset than the upload's; `upload_too_long`; and whatever is wrong
                with the photo once it is complete.
            ClientDisconnect: after the bytes that came were kept.
        """
        upload = await self.find(upload_id)
        self._check(upload, offset=offset, size=declared or 0)
        if not upload.is_complete:
            await self._keep_parts(upload, parts, offset)
            upload = await self.find(upload_id)
        if upload.is_complete:
            await self._finish(upload)
        return upload

    async def drop(self, upload_id: UUID) -> None:
        """Forget an upload.

        Raises:
            Rejected: `not_found`, `upload_expired`.
        """
        await self.find(upload_id)
        await drop_upload(self._database, upload_id)

    async def photo_of(self, upload_id: UUID) -> Photo:
        """The photo that an upload became, for the report that names it.

        Raises:
            Rejected: there is no such upload, it has expired, is not complete, or its bytes are no photo.
            Transient: it could not be finished now.
        """
        upload = await self.find(upload_id)
        if not upload.is_complete:
            detail = f"upload: {upload_id} has {upload.offset_bytes} of its {upload.length_bytes} bytes"
            raise Rejected("upload_incomplete", detail)
        return await self._finish(upload)

    async def drop_expired(self) -> None:
        """Forget what nobody finished; for `Service.add_chore`."""
        now = self._now()
        await drop_expired(self._database, now=now, before=now - REMEMBERED)

    async def _insert(self, connection: AsyncConnection, new: Sequence[_Creation]) -> Sequence[Outcome]:
        """The one creation that is new; `perform_once` hands over no other."""
        upload = new[0].upload
        most = self._limits.most_bytes
        if not await create_upload(connection, upload, now=self._now(), most_bytes=most):
            return [Transient("too many uploads are on their way")]
        return [Answer(201, to_json({"upload_id": upload.id, "expires_at": upload.expires_at}))]

    def _check(self, upload: Upload, *, offset: int, size: int) -> None:
        if offset != upload.offset_bytes:
            detail = f"Upload-Offset: is {offset}, the upload stands at {upload.offset_bytes}"
            raise Rejected("upload_conflict", detail)
        if offset + size > upload.length_bytes:
            detail = f"Content-Length: the upload has {upload.length_bytes} bytes, these would be {offset + size}"
            raise Rejected("upload_too_long", detail)

    async def _keep_parts(self, upload: Upload, parts: AsyncIterator[bytes], offset: int) -> None:
        waiting = bytearray()
        try:
            async for part in parts:
                waiting += part
                if len(waiting) >= PART_BYTES:
                    offset = await self._keep(upload, waiting, offset)
        except ClientDisconnect:
            await self._keep(upload, waiting, offset)
            raise
        await self._keep(upload, waiting, offset)

    async def _keep(self, upload: Upload, waiting: bytearray, offset: int) -> int:
        if not waiting:
            return offset
        now, content = self._now(), bytes(waiting)
        waiting.clear()
        is_kept = await append_part(
            self._database, upload.id, content, offset=offset, now=now, expires_at=now + self._limits.lives
        )
        if not is_kept:
            self._check(await self.find(upload.id), offset=offset, size=len(content))
            raise Transient("the upload changed at this very moment")
        return offset + len(content)

    async def _finish(self, upload: Upload) -> Photo:
        """Make the photo, once; whoever asks again gets the same answer."""
        if not upload.is_settled:
            try:
                photo = await self._photo_from_parts(upload)
            except Rejected as refusal:
                await settle_upload(self._database, upload.id, became=refusal)
            else:
                await settle_upload(self._database, upload.id, became=photo.sha256)
            upload = await self.find(upload.id)
        if upload.refusal is not None:
            raise upload.refusal
        found = await photo_with_name(self._database, upload.sha256 or "")
        if found is None:
            raise Rejected("photo_gone", f"upload: the photo of {upload.id} is not kept any more, send it again")
        return found

    async def _photo_from_parts(self, upload: Upload) -> Photo:
        data = await content_of(self._database, upload.id)
        expected = upload.expected_sha256
        if expected is not None and not hmac.compare_digest(name_of(data), expected):
            raise Rejected("upload_checksum", "Upload-Metadata: sha256 is not that of the bytes that arrived")
        return await self._album.keep(data)
