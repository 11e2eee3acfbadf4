"""How does the laptop's issuer answer HTTP, to this machine alone?"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import Field, ValidationError

from deploy.issuer.issuer import AUDIENCE, LIFETIME_S, MAX_LIFETIME_S, Issuer
from deploy.issuer.signing_keys import SigningKeys
from deploy.local.failure import CannotRun, PortTaken
from deploy.local.ports import HOST
from lamplight_chassis.clock import Clock, utc_now
from lamplight_chassis.forms import Form, Word

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ISSUER: web.AppKey[Issuer] = web.AppKey("issuer", Issuer)


class TokenForm(Form):
    """Who wants to be taken for whom."""

    client_id: Word
    roles: Annotated[list[Word], Field(min_length=1, max_length=32)]
    scopes: Mapping[Word, Sequence[str]] = {}
    lifetime_s: Annotated[int, Field(ge=-MAX_LIFETIME_S, le=MAX_LIFETIME_S)] = LIFETIME_S


@asynccontextmanager
async def running_issuer(
    folder: Path, *, host: str = HOST, port: int = 0, audience: str = AUDIENCE, now: Clock = utc_now
) -> AsyncIterator[Issuer]:
    """Serve until the block ends; port 0 takes any free one.

    Raises:
        CannotRun: the host is not this machine alone, or the port is taken.
    """
    require_loopback(host)
    keys = SigningKeys(folder)
    app = web.Application(middlewares=[_only_this_machine])
    app.add_routes([web.get("/.well-known/openid-configuration", _discovery), web.get("/jwks", _jwks)])
    app.add_routes([web.post("/token", _token)])
    runner = web.AppRunner(app, access_log=None)
    # The address, and with it the issuer, is known when the port is; an app cannot be changed once it runs.
    listening = _listen(host, port)
    app[ISSUER] = Issuer(f"http://{_in_url(host)}:{listening.getsockname()[1]}", keys=keys, audience=audience, now=now)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    try:
        yield app[ISSUER]
    finally:
        await runner.cleanup()


def require_loopback(host: str) -> None:
    """
    Raises:
        CannotRun: others could reach this address, and make themselves whoever they like.
    """
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise CannotRun(f"The issuer believes everybody, so that it binds to a loopback address only, not to {host!r}.")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise PortTaken(f"The issuer cannot listen on port {port} of {host}: {error.strerror}.") from error


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@web.middleware
async def _only_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page in a browser can send here what it likes; under a name of its own it could also read the answer."""
    name = urlsplit(f"//{request.host}").hostname or ""
    if name != "localhost":
        try:
            require_loopback(name)
        except CannotRun as error:
            raise web.HTTPForbidden(text=str(error)) from error
    return await handler(request)


async def _discovery(request: web.Request) -> web.Response:
    return web.json_response(request.app[ISSUER].discovery())


async def _jwks(request: web.Request) -> web.Response:
    return web.json_response(request.app[ISSUER].keys.public())


async def _token(request: web.Request) -> web.Response:
    if request.content_type != "application/json":  # a browser asks before it sends this from another page
        raise web.HTTPUnsupportedMediaType(text="send JSON")
    try:
        form = TokenForm.model_validate_json(await request.read())
    except ValidationError as error:
        detail = error.json(include_url=False, include_input=False, include_context=False)
        return web.Response(status=422, text=detail, content_type="application/json")
    token = request.app[ISSUER].token(form.client_id, roles=form.roles, scopes=form.scopes, lifetime_s=form.lifetime_s)
    return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": form.lifetime_s})
