"""How does a phone send a photo over a network that breaks: the calls of tus 1.0?

Core protocol with creation, expiration and termination. A part that breaks off is kept as far as it came; `HEAD` says
where to continue.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.evidence.uploads.headers import (
    EXTENSIONS,
    PART_TYPE,
    VERSION,
    check_version,
    expected_sha256,
    http_time,
    length_of,
    offset_of,
)
from intake.evidence.uploads.receiving import Uploads
from intake.evidence.uploads.store import Upload
from lamplight_chassis.answers import keyed_answer
from lamplight_chassis.bodies import KEY_PARAMETER, key_header, path_id
from lamplight_chassis.errors import Rejected
from lamplight_chassis.idempotency import Answer, key_of
from lamplight_chassis.problems import MEDIA_TYPE, PROBLEM_RESPONSES, STATUS_OF_REASON, problem

CREATE = "POST /v1/uploads"
STATUS: Mapping[str, int] = {
    **STATUS_OF_REASON,
    "upload_conflict": 409,
    "upload_expired": 410,
    "tus_version": 412,
    "photo_too_large": 413,
    "upload_too_long": 413,
    "upload_content_type": 415,
}

Handle = Callable[[Request], Awaitable[Response]]

_SIZE = re.compile(r"[0-9]{1,15}")
_PROBLEM_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSALS: Mapping[int, dict[str, Any]] = {
    **{int(code): response for code, response in PROBLEM_RESPONSES.items()},
    410: {"description": "The upload has expired.", "content": _PROBLEM_CONTENT},
    412: {"description": "The request speaks another version of tus.", "content": _PROBLEM_CONTENT},
    415: {"description": "The body is no part of an upload.", "content": _PROBLEM_CONTENT},
}


def _header(name: str, *, pattern: str, is_required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": is_required, "schema": {"type": "string", "pattern": pattern}}


_ID = {"name": "upload_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
_VERSION = {"name": "Tus-Resumable", "in": "header", "required": True, "schema": {"type": "string", "enum": [VERSION]}}
_METADATA = {
    **_header("Upload-Metadata", pattern="^[ -~]*$", is_required=False),
    "description": "The key `sha256`, with the photo's 64 hexadecimal digits in base64, is checked at the end.",
}
_CREATING = {"parameters": [_VERSION, _header("Upload-Length", pattern="^[1-9][0-9]{0,7}$"), _METADATA, KEY_PARAMETER]}
_SENDING = {
    "parameters": [_ID, _VERSION, _header("Upload-Offset", pattern="^[0-9]{1,15}$")],
    "requestBody": {"required": True, "content": {PART_TYPE: {"schema": {"type": "string", "format": "binary"}}}},
}


def upload_routes(uploads: Uploads, *, max_bytes: int) -> APIRouter:
    """The calls of resumable uploads. `Uploads.photo_of` gives a report the photo that an upload became."""
    router = APIRouter(tags=["uploads"], default_response_class=Response)
    calls = _Calls(uploads, max_bytes)
    router.options("/v1/uploads", status_code=204, summary="What can uploads do here?")(calls.describe_uploads)
    router.post(
        "/v1/uploads",
        status_code=201,
        responses=_documented(409, 412, 413, 422, 503),
        openapi_extra=_CREATING,
        summary="Begin to send a photo in parts",
    )(_speaks_tus(calls.begin_upload))
    router.head(
        "/v1/uploads/{upload_id}",
        responses=_documented(404, 410, 412, 422, 503),
        openapi_extra={"parameters": [_ID, _VERSION]},
        summary="How far has an upload come?",
    )(_speaks_tus(calls.show_upload))
    router.patch(
        "/v1/uploads/{upload_id}",
        status_code=204,
        responses=_documented(404, 409, 410, 412, 413, 415, 422, 503),
        openapi_extra=_SENDING,
        summary="Send the next part of a photo",
    )(_speaks_tus(calls.continue_upload))
    router.delete(
        "/v1/uploads/{upload_id}",
        status_code=204,
        responses=_documented(404, 410, 412, 422, 503),
        openapi_extra={"parameters": [_ID, _VERSION]},
        summary="Give an upload up",
    )(_speaks_tus(calls.give_up))
    return router


class _Calls:
    def __init__(self, uploads: Uploads, max_bytes: int) -> None:
        self._uploads = uploads
        self._max_bytes = max_bytes

    async def describe_uploads(self, _: Request) -> Response:
        abilities = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(self._max_bytes)}
        return Response(status_code=204, headers={"Tus-Resumable": VERSION, **abilities})

    async def begin_upload(self, request: Request) -> Response:
        length = length_of(request.headers, max_bytes=self._max_bytes)
        wanted = expected_sha256(request.headers)
        key = key_of(key_header(request), operation=CREATE, body=f"{length} {wanted}".encode())
        return _begun(await self._uploads.create(length, expected_sha256=wanted, key=key))

    async def show_upload(self, request: Request) -> Response:
        upload = await self._uploads.find(path_id(request, "upload_id"))
        return Response(status_code=200, headers={**_progress(upload), "Cache-Control": "no-store"})

    async def continue_upload(self, request: Request) -> Response:
        upload_id, offset = path_id(request, "upload_id"), offset_of(request.headers)
        size = request.headers.get("content-length", "")
        declared = int(size) if _SIZE.fullmatch(size) else None
        upload = await self._uploads.append(upload_id, request.stream(), offset=offset, declared=declared)
        return Response(status_code=204, headers=_progress(upload))

    async def give_up(self, request: Request) -> Response:
        await self._uploads.drop(path_id(request, "upload_id"))
        return Response(status_code=204)


def _speaks_tus(handle: Handle) -> Handle:
    """Every request and every answer names the version, refusals too."""

    @functools.wraps(handle)
    async def answer(request: Request) -> Response:
        try:
            check_version(request.headers)
            response = await handle(request)
        except Rejected as refusal:
            title = refusal.reason.replace("_", " ").capitalize()
            response = problem(STATUS.get(refusal.reason, 422), refusal.reason, title, refusal.detail)
            if refusal.reason == "tus_version":
                response.headers["Tus-Version"] = VERSION
        response.headers["Tus-Resumable"] = VERSION
        return response

    return answer


def _begun(answer: Answer) -> Response:
    begun = json.loads(answer.body)
    response = keyed_answer(answer)
    response.headers["Location"] = f"/v1/uploads/{begun['upload_id']}"
    response.headers["Upload-Expires"] = http_time(datetime.fromisoformat(begun["expires_at"]))
    return response


def _progress(upload: Upload) -> dict[str, str]:
    return {
        "Upload-Offset": str(upload.offset_bytes),
        "Upload-Length": str(upload.length_bytes),
        "Upload-Expires": http_time(upload.expires_at),
    }


def _documented(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: _REFUSALS[code] for code in codes}
