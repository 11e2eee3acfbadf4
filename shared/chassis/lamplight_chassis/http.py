"""What happens around every request: a correlation id, a size limit, a measured time, and no exception gets out?"""

from __future__ import annotations

import re
import time

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lamplight_chassis.clock import NewId
from lamplight_chassis.errors import Rejected
from lamplight_chassis.lane import OnFailure
from lamplight_chassis.metrics import ChassisMetrics
from lamplight_chassis.trail import TRACE_HEADER, correlation_id, trace_of, traceparent

MAX_BODY_BYTES = 1024 * 1024
CORRELATION_HEADER = b"x-correlation-id"
_SAFE_ID = re.compile(rb"^[A-Za-z0-9._:-]{8,64}$")


class AroundRequests:
    """Plain ASGI middleware: the ready-made base class costs more than most of our requests."""

    def __init__(self, app: ASGIApp, *, metrics: ChassisMetrics, new_id: NewId, on_failure: OnFailure) -> None:
        self._app = app
        self._metrics = metrics
        self._new_id = new_id
        self._on_failure = on_failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.perf_counter()
        headers = dict(scope["headers"])
        given = headers.get(CORRELATION_HEADER, b"")
        name = given.decode() if _SAFE_ID.match(given) else str(self._new_id())
        correlation_id.set(name)
        if TRACE_HEADER in headers:
            traceparent.set(trace_of(scope["headers"]))
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((CORRELATION_HEADER, name.encode()))
            await send(message)

        try:
            await self._app(scope, _limited(receive, headers), answer)
        except Exception as error:
            if status:  # half of an answer is out already: only the connection can say that it failed
                raise
            response = await self._on_failure(Request(scope), error)
            await response(scope, receive, answer)
        finally:
            self._measure(scope, status, time.perf_counter() - began_s)

    def _measure(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        self._metrics.http_requests.labels(route, scope["method"], status).inc()
        self._metrics.http_seconds.labels(route).observe(seconds)


def _limited(receive: Receive, headers: dict[bytes, bytes]) -> Receive:
    """Refuse a body as soon as it is known to be too large, declared or not."""
    declared = int(length) if (length := headers.get(b"content-length", b"")).isdigit() else 0
    received = 0

    async def read() -> Message:
        nonlocal received
        if declared > MAX_BODY_BYTES:
            raise _too_large()
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY_BYTES:
            raise _too_large()
        return message

    return read


def _too_large() -> Rejected:
    return Rejected("body_too_large", f"the body may have at most {MAX_BODY_BYTES} bytes")
