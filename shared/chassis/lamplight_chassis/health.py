"""Should this process be restarted (`/live`), and can it do all of its work right now (`/ready`)?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import Response

from lamplight_chassis.answers import json_answer

Complaints = Callable[[], Awaitable[Sequence[str]]]


def health_routes(*, liveness: Complaints, readiness: Complaints, registry: CollectorRegistry) -> APIRouter:
    """The three operational routes; each list of complaints is empty when all is well."""
    router = APIRouter(tags=["operations"])

    @router.get("/live", summary="Is the process making progress?")
    async def live() -> Response:
        return _verdict(await liveness(), good="live", bad="stuck")

    @router.get("/ready", summary="Can the process do all of its work, and if not, why?")
    async def ready() -> Response:
        return _verdict(await readiness(), good="ready", bad="not ready")

    @router.get("/metrics", summary="Prometheus metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _verdict(complaints: Sequence[str], *, good: str, bad: str) -> Response:
    body = {"status": bad if complaints else good, "reasons": list(complaints)}
    return json_answer(body, status=503 if complaints else 200)
