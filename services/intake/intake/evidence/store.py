"""Which photos are kept, and of which reports are they evidence?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, Text, text
from sqlmodel import Field

from intake.evidence.likeness import from_signed, to_signed
from intake.evidence.photos import Photo, PhotoFormat, PhotoKind, Shot
from intake.evidence.verdicts import Verdict
from intake.tables import IntakeTable
from lamplight_chassis.bulk import BulkInsert
from lamplight_chassis.database import Database, UnitOfWork
from lamplight_chassis.errors import Rejected


class PhotoRow(IntakeTable, table=True):
    """One photo whose objects are kept, or about to be; without a name in `evidence` or `uploads` it is swept."""

    __tablename__ = "photos"
    __table_args__ = (Index("ix_photos_unnamed", "touched_at", postgresql_where=text("NOT is_named")),)

    sha256: str = Field(sa_type=Text, primary_key=True)
    format: str = Field(sa_type=Text)
    size_bytes: int
    width_px: int
    height_px: int
    likeness: int | None = Field(default=None, sa_type=BigInteger)
    shot_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    shot_longitude_deg: float | None = None
    shot_latitude_deg: float | None = None
    touched_at: datetime = Field(sa_type=DateTime(timezone=True))
    is_named: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class EvidenceRow(IntakeTable, table=True):
    """One photo as evidence of one report."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_report_id_sha256", "report_id", "sha256", unique=True),)

    id: UUID = Field(primary_key=True)
    report_id: UUID
    sha256: str = Field(sa_column=Column(Text, ForeignKey("photos.sha256"), nullable=False, index=True))
    kind: str = Field(sa_type=Text)
    verdict: str = Field(sa_type=Text)
    reason_zh: str = Field(sa_type=Text)
    reason_en: str = Field(sa_type=Text)
    added_at: datetime = Field(sa_type=DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Evidence:
    """One photo as evidence of one report, with what was found about its time and place."""

    id: UUID
    report_id: UUID
    sha256: str
    kind: PhotoKind
    verdict: Verdict
    reason_zh: str
    reason_en: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class AddedEvidence:
    """What an event may tell of a new piece of evidence: no place, no time, nobody's name."""

    evidence_id: UUID
    report_id: UUID
    kind: PhotoKind
    sha256: str
    verdict: Verdict


_EVIDENCE_COLUMNS = ("id", "report_id", "sha256", "kind", "verdict", "reason_zh", "reason_en", "added_at")
_ADD_EVIDENCE = BulkInsert(
    EvidenceRow.__table__,  # type: ignore[attr-defined]
    _EVIDENCE_COLUMNS,
    on_conflict="ON CONFLICT (report_id, sha256) DO NOTHING",
)
# The lock stands in the way of a sweep, which then sees the row named; in one order, so that two reports with the
# same photos cannot deadlock.
_HOLD = text("SELECT sha256 FROM photos WHERE sha256 = ANY(:hashes) ORDER BY sha256 FOR KEY SHARE")
_NAME = text(
    "UPDATE photos SET is_named = true FROM (SELECT sha256 FROM photos WHERE sha256 = ANY(:hashes) AND NOT is_named "
    "ORDER BY sha256 FOR NO KEY UPDATE) AS unnamed WHERE photos.sha256 = unnamed.sha256"
)
_LOCK_NAMES = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM "
    "(SELECT name FROM unnest(CAST(:hashes AS text[])) AS n (name) ORDER BY name) AS names"
)
_TOUCH = text(
    "INSERT INTO photos (sha256, format, size_bytes, width_px, height_px, likeness, shot_at, shot_longitude_deg, "
    "shot_latitude_deg, touched_at) VALUES (:sha256, :format, :size_bytes, :width_px, :height_px, :likeness, :shot_at, "
    ":longitude_deg, :latitude_deg, :now) ON CONFLICT (sha256) DO UPDATE SET touched_at = excluded.touched_at"
)
_PHOTO_FIELDS = (
    "p.sha256, p.format, p.size_bytes, p.width_px, p.height_px, p.likeness, p.shot_at, p.shot_longitude_deg, "
    "p.shot_latitude_deg"
)
_LIKENESSES = (
    "SELECT e.report_id, p.likeness FROM evidence e JOIN photos p USING (sha256) "
    "WHERE e.report_id = ANY($1) AND p.likeness IS NOT NULL ORDER BY e.id"
)
_FORGET = text("DELETE FROM evidence WHERE report_id = ANY(:reports) RETURNING sha256")
_UNNAME = text(
    "UPDATE photos SET is_named = false FROM (SELECT sha256 FROM photos WHERE sha256 = ANY(:hashes) ORDER BY sha256 "
    "FOR NO KEY UPDATE) AS held WHERE photos.sha256 = held.sha256 "
    "AND NOT EXISTS (SELECT FROM evidence e WHERE e.sha256 = held.sha256)"
)

# `touched_at` and `is_named` are looked at again once the row is locked: a photo that somebody is about to use stays.
_LOCK_UNNAMED = text(
    "SELECT sha256 FROM photos p WHERE NOT is_named AND touched_at < :before "
    "AND NOT EXISTS (SELECT FROM uploads u WHERE u.sha256 = p.sha256) "
    "ORDER BY touched_at LIMIT :limit FOR UPDATE SKIP LOCKED"
)
_DELETE_PHOTOS = text("DELETE FROM photos WHERE sha256 = ANY(:hashes)")
_KNOWN = text("SELECT sha256 FROM photos WHERE sha256 = ANY(:hashes)")


async def add_evidence(work: UnitOfWork, pieces: Sequence[Evidence]) -> Sequence[AddedEvidence]:
    """Make photos evidence of their reports, in the transaction of these; a photo counts once per report.

    The photos' objects are in the store already, so no row is ever without them.

    Returns: what is new, in its order.

    Raises:
        Rejected: `photo_gone`, the photo was kept so long ago without a report that it was swept.
    """
    if not pieces:
        return ()
    hashes = sorted({piece.sha256 for piece in pieces})
    held = await work.connection.execute(_HOLD, {"hashes": hashes})
    if missing := set(hashes) - {row.sha256 for row in held}:
        raise Rejected("photo_gone", f"photo: {min(missing)} is not kept any more, send it again")
    await work.connection.execute(_NAME, {"hashes": hashes})
    rows = [tuple(getattr(piece, column) for column in _EVIDENCE_COLUMNS) for piece in pieces]
    await _ADD_EVIDENCE.write(work.connection, rows)
    ids = {"ids": [piece.id for piece in pieces]}
    written = await work.connection.execute(text("SELECT id FROM evidence WHERE id = ANY(:ids)"), ids)
    new = {row.id for row in written}
    return [AddedEvidence(p.id, p.report_id, p.kind, p.sha256, p.verdict) for p in pieces if p.id in new]


async def forget_evidence(work: UnitOfWork, report_ids: Sequence[UUID]) -> int:
    """Delete the evidence of reports whose time is over; the next sweep deletes photos that nothing else names."""
    gone = [row.sha256 for row in await work.connection.execute(_FORGET, {"reports": list(report_ids)})]
    await work.connection.execute(_UNNAME, {"hashes": sorted(set(gone))})
    return len(gone)


async def evidence_of(database: Database, report_id: UUID) -> Sequence[Evidence]:
    """The evidence of one report, oldest first."""
    columns = ", ".join(_EVIDENCE_COLUMNS)
    rows = await database.fetch(f"SELECT {columns} FROM evidence WHERE report_id = $1 ORDER BY id", report_id)
    return [_evidence(row) for row in rows]


async def evidence_with_id(database: Database, evidence_id: UUID) -> Evidence | None:
    """One piece of evidence, or None."""
    rows = await database.fetch(f"SELECT {', '.join(_EVIDENCE_COLUMNS)} FROM evidence WHERE id = $1", evidence_id)
    return _evidence(rows[0]) if rows else None


async def likenesses_of(database: Database, report_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[int]]:
    """The difference hashes of the photos of reports; a report without any is left out."""
    found: dict[UUID, list[int]] = {}
    for row in await database.fetch(_LIKENESSES, list(report_ids)):
        found.setdefault(row["report_id"], []).append(from_signed(row["likeness"]))
    return found


async def touch_photo(database: Database, photo: Photo, *, now: datetime) -> None:
    """Note a photo that is about to be kept: from now on, and for a while, no sweep takes it."""
    shot = photo.shot
    values = {
        "sha256": photo.sha256,
        "format": photo.format,
        "size_bytes": photo.size_bytes,
        "width_px": photo.width_px,
        "height_px": photo.height_px,
        "likeness": None if photo.likeness is None else to_signed(photo.likeness),
        "shot_at": shot.at,
        "longitude_deg": shot.longitude_deg,
        "latitude_deg": shot.latitude_deg,
        "now": now,
    }
    async with database.transaction() as work:
        await work.connection.execute(_LOCK_NAMES, {"hashes": [photo.sha256]})
        await work.connection.execute(_TOUCH, values)


async def photo_with_name(database: Database, sha256: str) -> Photo | None:
    """What is known of a photo, None when it was never kept."""
    rows = await database.fetch(f"SELECT {_PHOTO_FIELDS} FROM photos p WHERE sha256 = $1", sha256)
    return _photo(rows[0]) if rows else None


async def take_unnamed_photos(work: UnitOfWork, *, before: datetime, limit: int) -> Sequence[str]:
    """Delete the rows of photos that nothing has named since a time; their objects must go in this transaction."""
    found = await work.connection.execute(_LOCK_UNNAMED, {"before": before, "limit": limit})
    hashes = [row.sha256 for row in found]
    if hashes:
        await work.connection.execute(_DELETE_PHOTOS, {"hashes": hashes})
    return hashes


async def unknown_names(work: UnitOfWork, names: Sequence[str]) -> Sequence[str]:
    """Which of these names no row knows; until the transaction ends nobody can begin to keep a photo under them."""
    await work.connection.execute(_LOCK_NAMES, {"hashes": list(names)})
    known = {row.sha256 for row in await work.connection.execute(_KNOWN, {"hashes": list(names)})}
    return [name for name in names if name not in known]


def _photo(row: Mapping[str, Any]) -> Photo:
    return Photo(
        sha256=row["sha256"],
        format=PhotoFormat(row["format"]),
        size_bytes=row["size_bytes"],
        width_px=row["width_px"],
        height_px=row["height_px"],
        likeness=None if row["likeness"] is None else from_signed(row["likeness"]),
        shot=Shot(row["shot_at"], row["shot_longitude_deg"], row["shot_latitude_deg"]),
    )


def _evidence(row: Mapping[str, Any]) -> Evidence:
    return Evidence(**{**dict(row), "kind": PhotoKind(row["kind"]), "verdict": Verdict(row["verdict"])})
