"""Does every request get a correlation id, a size limit and a measured time?"""

from __future__ import annotations

from uuid import UUID

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from lamplight_chassis.clock import new_id
from lamplight_chassis.errors import Rejected
from lamplight_chassis.http import MAX_BODY_BYTES, AroundRequests
from lamplight_chassis.metrics import ChassisMetrics
from lamplight_chassis.problems import add_problem_handlers, on_failure
from lamplight_chassis.trail import correlation_id
from tests.asgi import Api

CORRELATION = "x-correlation-id"


@pytest.fixture
def api(metrics: ChassisMetrics) -> Api:
    app = FastAPI()

    @app.get("/id")
    async def show_id() -> Response:
        return Response(correlation_id.get())

    @app.post("/size")
    async def show_size(request: Request) -> Response:
        return Response(str(len(await request.body())))

    @app.get("/refuse/{word}")
    async def refuse(word: str) -> Response:
        raise Rejected("not_found", word)

    @app.get("/break")
    async def fail() -> Response:
        raise KeyError

    add_problem_handlers(app)
    app.add_middleware(AroundRequests, metrics=metrics, new_id=new_id, on_failure=on_failure)
    return Api(app)


async def test_a_given_correlation_id_is_kept_and_answered(api: Api) -> None:
    answer = await api.get("/id", {"X-Correlation-ID": "order:2026-05.20_7"})

    assert answer.body == b"order:2026-05.20_7"
    assert answer.headers[CORRELATION] == "order:2026-05.20_7"


async def test_a_request_without_a_correlation_id_gets_one_of_its_own(api: Api) -> None:
    first, second = await api.get("/id"), await api.get("/id")

    assert UUID(first.headers[CORRELATION]).version == 7
    assert first.body.decode() == first.headers[CORRELATION] != second.headers[CORRELATION]


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space in it", "<script>alert", "ümläute-drin", ""])
async def test_a_correlation_id_that_is_not_safe_is_replaced(api: Api, given: str) -> None:
    answer = await api.get("/id", {"X-Correlation-ID": given})

    assert UUID(answer.headers[CORRELATION])


@pytest.mark.parametrize("path", ["/refuse/it", "/nowhere", "/break"])
async def test_a_failed_request_has_its_correlation_id_too(api: Api, path: str) -> None:
    answer = await api.get(path, {"X-Correlation-ID": "order-2026-05-20"})

    assert answer.status >= 400
    assert answer.headers[CORRELATION] == "order-2026-05-20"


async def test_the_largest_body_is_taken(api: Api) -> None:
    answer = await api.post("/size", b"x" * MAX_BODY_BYTES)

    assert answer.body == str(MAX_BODY_BYTES).encode()


async def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(api: Api) -> None:
    answer = await api.call("POST", "/size", headers={"content-length": str(MAX_BODY_BYTES + 1)}, body=[b"x"])

    assert (answer.status, answer.problem) == (413, "body_too_large")


async def test_a_body_that_does_not_say_its_size_is_refused_as_soon_as_it_is_too_large(api: Api) -> None:
    chunk = b"x" * (MAX_BODY_BYTES // 4)

    fits = await api.call("POST", "/size", body=[chunk] * 4)
    answer = await api.call("POST", "/size", body=[chunk] * 5)

    assert fits.status == 200
    assert (answer.status, answer.problem) == (413, "body_too_large")


async def test_requests_are_counted_by_route_and_never_by_id(api: Api, metrics: ChassisMetrics) -> None:
    for path in ("/refuse/a", "/refuse/b", "/nowhere", "/break"):
        await api.get(path)

    def count(route: str, status: int) -> float | None:
        labels = {"route": route, "method": "GET", "status": str(status)}
        return metrics.registry.get_sample_value("http_requests_total", labels)

    assert (count("/refuse/{word}", 404), count("unknown", 404), count("/break", 500)) == (2, 1, 1)
    assert metrics.registry.get_sample_value("http_request_duration_seconds_count", {"route": "/break"}) == 1
