"""What does the issuer publish under an address?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aiohttp

TIMEOUT_S = 3.0
MAX_BYTES = 1024 * 1024
CHUNK_BYTES = 65_536
NO_DOCUMENT = (
    ValueError,
    RecursionError,
    aiohttp.ClientPayloadError,
    aiohttp.ClientResponseError,
    aiohttp.NonHttpUrlClientError,
)


class BadDocument(Exception):
    """What was answered is not what was asked for."""


async def read_document(url: str) -> Mapping[str, Any]:
    """GET a JSON object; redirects are not followed.

    Raises:
        BadDocument: another status than 200, more than 1 MB, no JSON object, or no HTTP at all.
        OSError, TimeoutError: no answer.
    """
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise BadDocument(f"answered with status {response.status}")
            document = json.loads(await _limited(response))
    except NO_DOCUMENT as error:
        raise BadDocument(f"this is no document: {type(error).__name__}") from error
    except aiohttp.ClientError as error:
        raise OSError(f"no answer: {type(error).__name__}") from error
    if not isinstance(document, dict):
        raise BadDocument("the answer is no JSON object")
    return document


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_BYTES:
            raise BadDocument(f"the answer has more than {MAX_BYTES} bytes")
    return bytes(body)
