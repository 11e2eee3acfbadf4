"""How does somebody with a signed link look at a photo?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.evidence.links import LinkKeys, check_link
from intake.evidence.objects import SHOWN, Copy, Objects
from intake.evidence.store import evidence_with_id
from lamplight_chassis.bodies import path_id
from lamplight_chassis.clock import Clock
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from lamplight_chassis.problems import MEDIA_TYPE, PROBLEM_RESPONSES, problem

log = structlog.get_logger()

JPEG = "image/jpeg"
PROBLEM_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}

_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": {JPEG: {"schema": {"type": "string", "format": "binary"}}}},
    403: {"description": "The link is wrong, altered or has expired.", "content": PROBLEM_CONTENT},
    **{code: PROBLEM_RESPONSES[code] for code in (404, 422, 503)},
}
_PARAMETERS = [
    {"name": "evidence_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
    {"name": "variant", "in": "path", "required": True, "schema": {"type": "string", "enum": sorted(SHOWN)}},
    {"name": "expires", "in": "query", "required": True, "schema": {"type": "string", "pattern": "^[0-9]{1,12}$"}},
    {"name": "signature", "in": "query", "required": True, "schema": {"type": "string"}},
]


def photo_routes(*, database: Database, objects: Objects, keys: LinkKeys, now: Clock) -> APIRouter:
    """The call that shows the copy or the thumbnail of a photo."""
    router = APIRouter(tags=["evidence"])

    @router.get(
        "/v1/evidence/{evidence_id}/{variant}",
        response_class=Response,
        responses=_RESPONSES,
        openapi_extra={"parameters": _PARAMETERS},
        summary="Look at a photo through a signed link",
    )
    async def show_photo(request: Request) -> Response:
        evidence_id, copy = path_id(request, "evidence_id"), _shown_copy(request.path_params["variant"])
        expires, signature = (request.query_params.get(name, "") for name in ("expires", "signature"))
        try:
            left = check_link(keys, evidence_id, copy, expires=expires, signature=signature, now=now())
        except Rejected as refusal:
            return problem(403, refusal.reason, "This link does not hold", refusal.detail)
        picture = await _picture(database, objects, evidence_id, copy)
        return Response(picture, headers=_headers(evidence_id, left), media_type=JPEG)

    return router


async def _picture(database: Database, objects: Objects, evidence_id: UUID, copy: Copy) -> bytes:
    evidence = await evidence_with_id(database, evidence_id)
    picture = await objects.get(evidence.sha256, copy) if evidence else None
    if picture is None:
        if evidence is not None:
            log.error("evidence.object_missing", evidence_id=str(evidence_id), sha256=evidence.sha256)
        raise Rejected("not_found", f"there is no evidence {evidence_id}")
    return picture


def _shown_copy(variant: str) -> Copy:
    if variant not in SHOWN:
        raise Rejected("not_found", f"variant: must be one of {', '.join(sorted(SHOWN))}")
    return Copy(variant)


def _headers(evidence_id: UUID, left: timedelta) -> dict[str, str]:
    """The picture is what it says and nothing else, and nobody keeps it longer than the link holds."""
    return {
        "Cache-Control": f"private, max-age={int(left.total_seconds())}",
        "Content-Disposition": f'inline; filename="{evidence_id}.jpg"',
        "Content-Security-Policy": "default-src 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
