"""How does a route answer with JSON, without a second pass over what it already built?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from starlette.responses import Response

from lamplight_chassis.idempotency import Answer

JSON = "application/json"


def to_json(content: object) -> bytes:
    """JSON bytes of plain values, dataclasses, times and ids."""
    return orjson.dumps(content, default=_plain)


def json_answer(
    content: object, *, status: int = 200, headers: Mapping[str, str] | None = None, media_type: str = JSON
) -> Response:
    """A response with `content` as its JSON body."""
    return Response(to_json(content), status, headers, media_type)


def keyed_answer(answer: Answer) -> Response:
    """The response to a request that may carry an idempotency key; a repeated one says so."""
    headers = {"Idempotent-Replayed": "true"} if answer.is_replayed else None
    return Response(answer.body, answer.status, headers, JSON)


def _plain(value: Any) -> str:
    """The database driver's own UUID class is a UUID, but orjson looks for exactly that class."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value)} has no JSON form")
