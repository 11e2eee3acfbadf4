"""How does a test make a valid piece of evidence?"""

from __future__ import annotations

from typing import Any

from intake.evidence.photos import PhotoKind
from intake.evidence.store import Evidence
from intake.evidence.verdicts import Verdict
from lamplight_chassis.clock import new_id
from tests.builders import NOW


def a_piece(sha256: str, **changes: Any) -> Evidence:
    fields: dict[str, Any] = {
        "id": new_id(),
        "report_id": new_id(),
        "sha256": sha256,
        "kind": PhotoKind.NEAR,
        "verdict": Verdict.OK,
        "reason_zh": "拍摄时间在时段内",
        "reason_en": "taken within the time of the matter",
        "added_at": NOW,
    }
    return Evidence(**{**fields, **changes})
