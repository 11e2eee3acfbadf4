"""Which photos are on their way in parts, and how far has each come?

The parts lie in the database, next to the offset that counts them, and are written in the same transaction: after a
kill -9 the offset cannot promise a byte that is not there, and whichever instance the next part reaches continues,
without a folder that all of them would have to share. A photo has at most 10 MB, and its parts live for minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, LargeBinary, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from intake.tables import IntakeTable
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected


class UploadRow(IntakeTable, table=True):
    """One photo that arrives in parts; `sha256` names the photo it became, a refusal says why it became none."""

    __tablename__ = "uploads"
    __table_args__ = (CheckConstraint("offset_bytes BETWEEN 0 AND length_bytes", "uploads_offset_bytes"),)

    id: UUID = Field(primary_key=True)
    length_bytes: int
    offset_bytes: int = Field(sa_column_kwargs={"server_default": text("0")})
    expected_sha256: str | None = Field(default=None, sa_type=Text)
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)
    sha256: str | None = Field(
        default=None, sa_column=Column(Text, ForeignKey("photos.sha256"), nullable=True, index=True)
    )
    refusal_reason: str | None = Field(default=None, sa_type=Text)
    refusal_detail: str | None = Field(default=None, sa_type=Text)


class UploadPartRow(IntakeTable, table=True):
    """Bytes of an upload, from their offset on."""

    __tablename__ = "upload_parts"

    upload_id: UUID = Field(
        sa_column=Column(ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True, nullable=False)
    )
    offset_bytes: int = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)


@dataclass(frozen=True, slots=True)
class Upload:
    """How far an upload has come, and how it ended."""

    id: UUID
    length_bytes: int
    offset_bytes: int
    expected_sha256: str | None
    expires_at: datetime
    sha256: str | None = None
    refusal: Rejected | None = None

    @property
    def is_complete(self) -> bool:
        return self.offset_bytes == self.length_bytes

    @property
    def is_settled(self) -> bool:
        return self.sha256 is not None or self.refusal is not None


_FIELDS = "id, length_bytes, offset_bytes, expected_sha256, expires_at, sha256, refusal_reason, refusal_detail"
# What is kept counts, not what is announced: a thousand announcements shall not lock everybody else out.
_CREATE = text(
    "INSERT INTO uploads (id, length_bytes, expected_sha256, expires_at) "
    "SELECT :id, CAST(:length AS integer), :expected, :expires_at "
    "WHERE (SELECT coalesce(sum(offset_bytes), 0) FROM uploads "
    "WHERE sha256 IS NULL AND refusal_reason IS NULL AND expires_at > :now) < :most"
)
_ADVANCE = text(
    "UPDATE uploads SET offset_bytes = offset_bytes + :size, expires_at = :expires_at WHERE id = :id "
    "AND offset_bytes = :offset AND offset_bytes + :size <= length_bytes AND expires_at > :now"
)
_ADD_PART = text("INSERT INTO upload_parts (upload_id, offset_bytes, content) VALUES (:id, :offset, :content)")
_SETTLE = text(
    "UPDATE uploads SET sha256 = :sha256, refusal_reason = :reason, refusal_detail = :detail "
    "WHERE id = :id AND sha256 IS NULL AND refusal_reason IS NULL"
)
_DROP_PARTS = text("DELETE FROM upload_parts WHERE upload_id = :id")
_DROP = text("DELETE FROM uploads WHERE id = :id")
# Locked and looked at again: a part that arrives at this moment gives its upload new time.
_DROP_OLD_PARTS = text(
    "DELETE FROM upload_parts WHERE upload_id IN "
    "(SELECT id FROM uploads WHERE expires_at <= :now AND sha256 IS NULL FOR UPDATE SKIP LOCKED)"
)
_DROP_OLD = text("DELETE FROM uploads WHERE expires_at <= :before")


async def create_upload(connection: AsyncConnection, upload: Upload, *, now: datetime, most_bytes: int) -> bool:
    """Begin an upload; False when those on their way have `most_bytes` together."""
    values = {
        "id": upload.id,
        "length": upload.length_bytes,
        "expected": upload.expected_sha256,
        "expires_at": upload.expires_at,
        "now": now,
        "most": most_bytes,
    }
    return (await connection.execute(_CREATE, values)).rowcount == 1


async def upload_with_id(database: Database, upload_id: UUID) -> Upload | None:
    """One upload, or None."""
    rows = await database.fetch(f"SELECT {_FIELDS} FROM uploads WHERE id = $1", upload_id)
    return _upload(rows[0]) if rows else None


async def append_part(
    database: Database, upload_id: UUID, content: bytes, *, offset: int, now: datetime, expires_at: datetime
) -> bool:
    """Keep the next bytes for good; False, and nothing is kept, when the upload does not stand at that offset."""
    values = {"id": upload_id, "offset": offset, "size": len(content), "now": now, "expires_at": expires_at}
    async with database.transaction() as work:
        if (await work.connection.execute(_ADVANCE, values)).rowcount == 0:
            return False
        part = {"id": upload_id, "offset": offset, "content": content}
        await work.connection.execute(_ADD_PART, part)
    return True


async def content_of(database: Database, upload_id: UUID) -> bytes:
    """All bytes that have arrived."""
    rows = await database.fetch(
        "SELECT content FROM upload_parts WHERE upload_id = $1 ORDER BY offset_bytes", upload_id
    )
    return b"".join(row["content"] for row in rows)


async def settle_upload(database: Database, upload_id: UUID, *, became: str | Rejected) -> None:
    """Note the photo that an upload became, or why it became none; its parts are not needed any more."""
    refusal = became if isinstance(became, Rejected) else None
    values = {
        "id": upload_id,
        "sha256": None if isinstance(became, Rejected) else became,
        "reason": refusal and refusal.reason,
        "detail": refusal and refusal.detail,
    }
    async with database.transaction() as work:
        await work.connection.execute(_SETTLE, values)
        await work.connection.execute(_DROP_PARTS, {"id": upload_id})


async def drop_upload(database: Database, upload_id: UUID) -> bool:
    """Forget an upload and its parts; False when it was not there."""
    async with database.transaction() as work:
        return (await work.connection.execute(_DROP, {"id": upload_id})).rowcount == 1


async def drop_expired(database: Database, *, now: datetime, before: datetime) -> int:
    """Delete the parts of expired uploads, and the uploads themselves that expired `before`."""
    async with database.transaction() as work:
        await work.connection.execute(_DROP_OLD_PARTS, {"now": now})
        return (await work.connection.execute(_DROP_OLD, {"before": before})).rowcount


def _upload(row: Mapping[str, Any]) -> Upload:
    reason = row["refusal_reason"]
    return Upload(
        id=UUID(str(row["id"])),
        length_bytes=row["length_bytes"],
        offset_bytes=row["offset_bytes"],
        expected_sha256=row["expected_sha256"],
        expires_at=row["expires_at"],
        sha256=row["sha256"],
        refusal=None if reason is None else Rejected(reason, row["refusal_detail"]),
    )
