"""How do the photos that a report names become its evidence, and how are they shown with it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from intake.evidence.links import LinkKeys, link_to
from intake.evidence.objects import SHOWN
from intake.evidence.store import Evidence, evidence_of
from intake.evidence.uploads.receiving import Uploads
from intake.evidence.verdicts import Matter, VerdictLimits, judge
from intake.reports import NamedPhoto, Report
from lamplight_chassis.clock import Clock, NewId
from lamplight_chassis.database import Database


class ReportedPhotos:
    """Judges the photos of a report, and gives out links to them.

    Arguments:
        lives: how long a link holds.
    """

    def __init__(
        self, *, database: Database, uploads: Uploads, keys: LinkKeys, lives: timedelta, now: Clock, new_id: NewId
    ) -> None:
        self._database = database
        self._uploads = uploads
        self._keys = keys
        self._lives = lives
        self._now = now
        self._new_id = new_id

    async def of(self, report: Report, named: Sequence[NamedPhoto]) -> Sequence[Evidence]:
        """The evidence of a report that is about to be stored; its photos are kept already.

        Raises:
            Rejected: an upload is unknown, has expired, is not complete, or is no photo.
            Transient: a photo could not be kept now.
        """
        return [await self._judged(report, each) for each in named]

    async def shown(self, report_id: UUID, *, with_links: Sequence[str]) -> Sequence[dict[str, Any]]:
        """What was found about each photo of a report, with links that hold for a while to the copies named."""
        return [self._shown(piece, with_links) for piece in await evidence_of(self._database, report_id)]

    async def _judged(self, report: Report, named: NamedPhoto) -> Evidence:
        photo = await self._uploads.photo_of(named.upload_id)
        at = report.observed_at
        matter = Matter(at, at, report.longitude_deg, report.latitude_deg)
        judgement = judge(photo.shot, uploaded_at=report.received_at, matter=matter, limits=VerdictLimits())
        return Evidence(
            id=self._new_id(),
            report_id=report.id,
            sha256=photo.sha256,
            kind=named.kind,
            verdict=judgement.verdict,
            reason_zh=judgement.reason_zh,
            reason_en=judgement.reason_en,
            added_at=report.received_at,
        )

    def _shown(self, piece: Evidence, with_links: Sequence[str]) -> dict[str, Any]:
        links = {
            copy.value: link_to(self._keys, piece.id, copy, now=self._now(), lives=self._lives)
            for copy in sorted(SHOWN)
            if copy in with_links
        }
        return {
            "evidence_id": piece.id,
            "kind": piece.kind,
            "verdict": piece.verdict,
            "reason_zh": piece.reason_zh,
            "reason_en": piece.reason_en,
            "links": links,
        }
