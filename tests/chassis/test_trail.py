"""Do log lines and events say on whose behalf they were written, and only what can be trusted?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import pytest
import structlog
from fastapi import FastAPI
from starlette.responses import Response
from structlog.testing import LogCapture

from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database, UnitOfWork
from lamplight_chassis.errors import Rejected
from lamplight_chassis.http import AroundRequests
from lamplight_chassis.metrics import ChassisMetrics
from lamplight_chassis.problems import add_problem_handlers, on_failure
from lamplight_chassis.trail import add_correlation, correlation_of, on_behalf_of, trace_of, traceparent
from tests.asgi import Api
from tests.builders import raw_record
from tests.chassis.parts import Dictionary, Word, a_word_record
from tests.chassis.test_consumer import Reader

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{PARENT}-01"


class Talking(Dictionary):
    """Says what it is handed."""

    async def apply(self, work: UnitOfWork, words: Sequence[Word]) -> Sequence[tuple[Word, Rejected]]:
        structlog.get_logger().info("word.handled", words=[word.word for word in words])
        return await super().apply(work, words)


@pytest.fixture
def lines() -> Iterator[LogCapture]:
    """What is logged, with what the service's own configuration adds."""
    capture = LogCapture()
    structlog.configure(processors=[add_correlation, capture])
    yield capture
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (GOOD, GOOD),
        (f"00-{TRACE}-{PARENT}-00", f"00-{TRACE}-{PARENT}-00"),
        (f"01-{TRACE}-{PARENT}-09", f"00-{TRACE}-{PARENT}-09"),
        (f"cc-{TRACE}-{PARENT}-01-what-will-be", GOOD),
        (f"cc-{TRACE}-{PARENT}-01.what-will-be", None),
        (f"{GOOD}-what-may-not-be", None),
        (f"ff-{TRACE}-{PARENT}-01", None),
        (f"00-{'0' * 32}-{PARENT}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (GOOD.upper(), None),
        (GOOD[:-1], None),
        (f" {GOOD}", None),
        (f"{GOOD}\n", None),
        (f"00-{TRACE[:-1]}g-{PARENT}-01", None),
        ("", None),
        ("ä" * 55, None),
    ],
)
def test_a_trace_is_read_when_it_is_well_formed_and_else_ignored(given: str, read: str | None) -> None:
    assert trace_of([(b"host", b"x"), (b"traceparent", given.encode("latin-1"))]) == read


def test_of_several_traces_none_is_believed() -> None:
    assert trace_of([(b"traceparent", GOOD.encode())] * 2) is None


def test_a_request_without_a_trace_has_none() -> None:
    assert trace_of([(b"host", b"x")]) is None


@pytest.mark.parametrize(
    ("value", "read"), [(b"a-name", "a-name"), (b"", None), (None, None), (b"\xff", "\ufffd"), (b"x" * 99, "x" * 64)]
)
def test_the_correlation_id_of_a_record_is_read_whatever_it_holds(value: bytes | None, read: str | None) -> None:
    assert correlation_of([("ce_id", b"1"), ("ce_correlationid", value)]) == read


def test_a_line_carries_the_correlation_id_of_what_is_at_hand_and_of_nothing_afterwards(lines: LogCapture) -> None:
    log = structlog.get_logger()

    with on_behalf_of("first"):
        log.info("word.one")
        with on_behalf_of(None):
            log.info("word.two")
        log.info("word.three", correlation_id="its-own")
    log.info("word.four")

    assert [line.get("correlation_id") for line in lines.entries] == ["first", "first", "its-own", None]


async def test_every_line_of_a_request_carries_its_correlation_id_and_its_neighbours_carry_theirs(
    metrics: ChassisMetrics, lines: LogCapture
) -> None:
    app = FastAPI()

    @app.get("/say/{word}")
    async def say(word: str) -> Response:
        for _ in range(2):
            structlog.get_logger().info("word.said", word=word, trace=traceparent.get())
            await asyncio.sleep(0)
        raise KeyError

    add_problem_handlers(app)
    app.add_middleware(AroundRequests, metrics=metrics, new_id=new_id, on_failure=on_failure)
    api = Api(app)

    await asyncio.gather(
        api.get("/say/a", {"X-Correlation-ID": "request-of-a", "traceparent": GOOD}),
        api.get("/say/b", {"X-Correlation-ID": "request-of-b", "traceparent": "nonsense"}),
        api.get("/say/c", {"X-Correlation-ID": "request-of-c"}),
    )

    said = {(line["word"], line["correlation_id"], line["trace"]) for line in lines.entries if "word" in line}
    assert said == {("a", "request-of-a", GOOD), ("b", "request-of-b", None), ("c", "request-of-c", None)}
    failed = {line["path"]: line["correlation_id"] for line in lines.entries if line["event"] == "http.failed"}
    assert failed == {"/say/a": "request-of-a", "/say/b": "request-of-b", "/say/c": "request-of-c"}


async def test_a_line_about_one_record_of_a_batch_carries_the_correlation_id_of_that_record(
    database: Database, lines: LogCapture
) -> None:
    reader = Reader(database, Dictionary(refused=["damn"]))
    records = [
        a_word_record("damn", correlation="of-a-refusal"),
        a_word_record("good", offset=1, correlation="of-a-good-one"),
        raw_record(b"no word", offset=2, headers=(("ce_correlationid", b"of-a-poison"),)),
        raw_record(b"no word", offset=3),
    ]

    await reader.consume(records)

    parked = {line["offset"]: line.get("correlation_id") for line in lines.entries}
    assert parked == {0: "of-a-refusal", 2: "of-a-poison", 3: None}


async def test_what_is_logged_while_a_record_is_handled_alone_carries_its_correlation_id(
    database: Database, lines: LogCapture
) -> None:
    reader = Reader(database, Talking(broken=["bug"]))

    await reader.consume([a_word_record(word, correlation=f"of-{word}") for word in ("bug", "good")])

    handled = [(line["words"], line.get("correlation_id")) for line in lines.entries if "words" in line]
    assert handled == [(["bug", "good"], None), (["bug"], "of-bug"), (["good"], "of-good")]
