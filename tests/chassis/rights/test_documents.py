"""What is taken for the issuer's document, and what is not?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from lamplight_chassis.rights.documents import MAX_BYTES, BadDocument, read_document

ANSWERS: dict[str, tuple[bytes, dict[str, str]]] = {
    "good": (b'{"keys": []}', {}),
    "list": (b"[]", {}),
    "html": (b"<html>", {"Content-Type": "text/html"}),
    "binary": (b"\xff\xfe{", {}),
    "deep": (b"[" * 100_000, {}),
    "large": (b" " * (MAX_BYTES + 1) + b"{}", {}),
    "compressed": (b"no gzip", {"Content-Encoding": "gzip"}),
}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.StreamResponse:
        what = request.match_info["what"]
        if what == "moved":
            raise web.HTTPFound("/good")
        if what not in ANSWERS:
            raise web.HTTPInternalServerError
        body, headers = ANSWERS[what]
        return web.Response(body=body, headers=headers)

    app = web.Application()
    app.add_routes([web.get("/{what}", answer)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_json_object_is_read(url: str) -> None:
    assert await read_document(f"{url}/good") == {"keys": []}


@pytest.mark.parametrize("what", ["list", "html", "binary", "deep", "large", "moved", "compressed", "broken"])
async def test_anything_else_is_refused(url: str, what: str) -> None:
    with pytest.raises(BadDocument):
        await read_document(f"{url}/{what}")


@pytest.mark.parametrize("address", ["file:///etc/hosts", "ftp://127.0.0.1/x", "no address", "http://"])
async def test_an_address_that_is_no_http_is_refused(address: str) -> None:
    with pytest.raises(BadDocument):
        await read_document(address)


async def test_nobody_there_is_told_apart_from_a_bad_answer() -> None:
    with pytest.raises(OSError, match="no answer"):
        await read_document("http://127.0.0.1:1/")
