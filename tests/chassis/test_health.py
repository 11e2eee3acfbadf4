"""Do `/live` and `/ready` tell whether and why a process cannot do its work?"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from prometheus_client import Gauge

from lamplight_chassis.health import health_routes
from lamplight_chassis.metrics import ChassisMetrics
from tests.asgi import Api


def an_api(metrics: ChassisMetrics, *, dead: Sequence[str] = (), unready: Sequence[str] = ()) -> Api:
    async def liveness() -> Sequence[str]:
        return dead

    async def readiness() -> Sequence[str]:
        return unready

    app = FastAPI()
    app.include_router(health_routes(liveness=liveness, readiness=readiness, registry=metrics.registry))
    return Api(app)


async def test_a_process_without_complaints_is_live_and_ready(metrics: ChassisMetrics) -> None:
    api = an_api(metrics)

    live, ready = await api.get("/live"), await api.get("/ready")

    assert (live.status, live.json()) == (200, {"status": "live", "reasons": []})
    assert (ready.status, ready.json()) == (200, {"status": "ready", "reasons": []})


async def test_a_process_that_does_not_move_says_why_it_should_be_restarted(metrics: ChassisMetrics) -> None:
    answer = await an_api(metrics, dead=["5 records wait"]).get("/live")

    assert (answer.status, answer.json()) == (503, {"status": "stuck", "reasons": ["5 records wait"]})


async def test_a_process_that_lacks_something_is_live_and_says_why_it_is_not_ready(metrics: ChassisMetrics) -> None:
    api = an_api(metrics, unready=["Kafka is away", "the database is away"])

    live, ready = await api.get("/live"), await api.get("/ready")

    assert live.status == 200
    assert ready.status == 503
    assert ready.json() == {"status": "not ready", "reasons": ["Kafka is away", "the database is away"]}


async def test_the_metrics_are_those_of_this_service(metrics: ChassisMetrics) -> None:
    Gauge("words", "How many words are there?", registry=metrics.registry).set(7)

    answer = await an_api(metrics).get("/metrics")

    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert b"\nwords 7.0\n" in answer.body
