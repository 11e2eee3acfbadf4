"""Do the photos of a sighting suffice to hand it over to a squadron?

The squadron must see the thing itself and where it stands: at least one far and one near photo that fit the time of
the shift and its spot.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from intake.evidence.photos import PhotoKind
from intake.evidence.verdicts import SEVERITY, Verdict

REQUIRED = (PhotoKind.FAR, PhotoKind.NEAR)

_NAMES = {PhotoKind.FAR: ("远景", "far"), PhotoKind.NEAR: ("近景", "near")}
_REASONS = {
    Verdict.OK: ("远景和近景照片齐全", "a far and a near photo fit"),
    Verdict.DOUBTFUL: ("{zh}照片存疑，须人工确认", "a person must look at the {en} photo, which is doubtful"),
    Verdict.FAILED: ("缺少有效的{zh}照片", "a {en} photo that fits is missing"),
}


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """Whether the photos suffice, and why."""

    verdict: Verdict
    zh: str
    en: str


def suffice_for_handover(photos: Iterable[tuple[PhotoKind, Verdict]]) -> Sufficiency:
    """The best photo of each required kind decides, and of the kinds the worst: `doubtful` is for a person to judge."""
    best = dict.fromkeys(REQUIRED, Verdict.FAILED)
    for kind, verdict in photos:
        if kind in best and SEVERITY[verdict] < SEVERITY[best[kind]]:
            best[kind] = verdict
    worst = max(REQUIRED, key=lambda kind: SEVERITY[best[kind]])
    zh, en = _NAMES[worst]
    reason_zh, reason_en = _REASONS[best[worst]]
    return Sufficiency(best[worst], reason_zh.format(zh=zh), reason_en.format(en=en))
