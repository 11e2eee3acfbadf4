"""How is the part of intake that takes photos put together?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter

from intake.evidence.album import Album
from intake.evidence.darkroom import Darkroom
from intake.evidence.links import LinkKeys
from intake.evidence.objects import Objects
from intake.evidence.photos import PhotoLimits
from intake.evidence.reported import ReportedPhotos
from intake.evidence.routes import photo_routes
from intake.evidence.settings import EvidenceSettings
from intake.evidence.sweep import Sweep
from intake.evidence.uploads.receiving import UploadLimits, Uploads
from intake.evidence.uploads.routes import upload_routes
from lamplight_chassis.clock import Clock, NewId
from lamplight_chassis.service import Service

CLEAN_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class EvidencePart:
    """What the rest of intake needs of it: the photos that reports name, and the routes."""

    photos: ReportedPhotos
    routers: Sequence[APIRouter]


def add_evidence_part(service: Service, settings: EvidenceSettings, *, now: Clock, new_id: NewId) -> EvidencePart:
    """Wire uploads, the store of photos, their links and what cleans up after them; nothing is connected yet.

    Raises:
        ValueError: the link keys break a rule.
    """
    database, objects, keys = service.database, _objects(settings), _link_keys(settings)
    darkroom = Darkroom(
        limits=PhotoLimits(settings.max_bytes, settings.max_pixels), zone=settings.timezone, workers=settings.workers
    )
    album = Album(database=database, objects=objects, darkroom=darkroom, now=now)
    limits = UploadLimits(lives=timedelta(hours=settings.upload_hours))
    uploads = Uploads(database=database, album=album, limits=limits, now=now, new_id=new_id)
    sweep = Sweep(database=database, objects=objects, now=now, grace=timedelta(minutes=settings.sweep_grace_minutes))

    async def clean_up() -> None:
        await uploads.drop_expired()
        await sweep.run_once()

    service.add_background(darkroom.run)
    service.add_chore(clean_up, every_s=CLEAN_EVERY_S)
    lives = timedelta(minutes=settings.link_minutes)
    photos = ReportedPhotos(database=database, uploads=uploads, keys=keys, lives=lives, now=now, new_id=new_id)
    showing = photo_routes(database=database, objects=objects, keys=keys, now=now)
    return EvidencePart(photos, (upload_routes(uploads, max_bytes=settings.max_bytes), showing))


def _objects(settings: EvidenceSettings) -> Objects:
    if not settings.s3_bucket:
        return Objects.in_folder(settings.folder)
    return Objects.in_s3(
        bucket=settings.s3_bucket,
        region=settings.s3_region,
        access_key_id=settings.s3_access_key_id,
        secret_access_key=settings.s3_secret_access_key.get_secret_value(),
        endpoint=settings.s3_endpoint,
        prefix=settings.s3_prefix,
    )


def _link_keys(settings: EvidenceSettings) -> LinkKeys:
    given = settings.link_keys.get_secret_value()
    return LinkKeys.read(given) if given else LinkKeys.made_up()
