"""Can everybody read the newest alerts, and listen to their own from where they stopped?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from lamplight_chassis.database import Database
from tests.asgi import Api, Connection
from tests.notify.builders import an_alert, store
from tests.polling import until
from tests.services import fetch

STREAM = "/v1/stream"
WITHIN_S = 20.0
UNIT = "unit:squadron_320507007"


@pytest.fixture(autouse=True)
async def nothing_to_deliver(url: str) -> None:
    """Nobody asked to be told here: these tests look at alerts alone."""
    await fetch(url, "DELETE FROM subscriptions")


def parsed(text: str) -> Iterator[dict[str, Any]]:
    """The events of a stream, read as the standard says (HTML, 9.2.6): comments are none."""
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            yield {**fields, "data": json.loads(fields["data"])}


async def heard(connection: Connection, number: int) -> list[dict[str, Any]]:
    """Read on until so many events have come."""
    text = ""
    async with asyncio.timeout(WITHIN_S):
        while len(events := list(parsed(text))) < number:
            text += (await connection.sent.get()).get("body", b"").decode()
    return events


async def opened(connection: Connection) -> dict[str, str]:
    """The head of the answer, once the first comment is through: whoever asked is listening now."""
    async with asyncio.timeout(WITHIN_S):
        start, first = await connection.sent.get(), await connection.sent.get()
    assert start["status"] == 200
    assert first["body"] == b": listening\n\n"
    return {name.decode(): value.decode() for name, value in start["headers"]}


async def test_the_newest_alerts_come_first(database: Database, api: Api) -> None:
    alerts = [an_alert() for _ in range(60)]
    await store(database, *alerts)

    shown = (await api.get("/v1/alerts")).json()["alerts"]

    assert [alert["id"] for alert in shown] == [str(alert.id) for alert in reversed(alerts)][:50]
    assert [alert["position"] for alert in shown] == list(range(60, 10, -1))


async def test_an_alert_is_shown_with_all_it_says(database: Database, api: Api) -> None:
    await store(database, alert := an_alert(text_zh="点亮 💡"))

    [shown] = (await api.get("/v1/alerts?limit=1")).json()["alerts"]

    assert shown == {
        "position": 1,
        "id": str(alert.id),
        "case_id": str(alert.case_id),
        "recipient": alert.recipient,
        "kind": alert.kind,
        "category": alert.category,
        "zone": alert.zone,
        "text_zh": "点亮 💡",
        "text_en": alert.text_en,
        "created_at": alert.created_at.isoformat(),
    }


@pytest.mark.parametrize(("limit", "number"), [(1, 1), (200, 200)])
async def test_a_list_is_as_long_as_was_asked_for(database: Database, api: Api, limit: int, number: int) -> None:
    await store(database, *(an_alert() for _ in range(201)))

    shown = (await api.get(f"/v1/alerts?limit={limit}")).json()["alerts"]

    assert len(shown) == number


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many", "", "1.5", "9" * 30])
async def test_a_limit_that_breaks_its_rule_is_refused(api: Api, limit: str) -> None:
    answer = await api.get(f"/v1/alerts?limit={limit}")

    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["limit"]


async def test_the_stream_is_one_that_no_proxy_keeps_back(api: Api) -> None:
    async with api.listen(STREAM) as connection:
        headers = await opened(connection)

    assert headers["content-type"].startswith("text/event-stream")
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-cache", "no")


async def test_each_event_has_its_position_its_kind_and_the_alert_in_one_line(database: Database, api: Api) -> None:
    await store(database, alert := an_alert(text_zh="第一行\n\n第二行", text_en="data: 1\r\rid: 7"))

    async with api.listen(STREAM, {"Last-Event-ID": "0"}) as connection:
        await opened(connection)
        [event] = await heard(connection, 1)

    assert (event["id"], event["event"]) == ("1", alert.kind)
    assert event["data"] == (await api.get("/v1/alerts")).json()["alerts"][0]


async def test_who_comes_back_continues_after_the_last_event_seen(database: Database, api: Api) -> None:
    await store(database, *(an_alert() for _ in range(5)))

    async with api.listen(STREAM, {"Last-Event-ID": "2"}) as connection:
        await opened(connection)
        await store(database, an_alert())
        events = await heard(connection, 4)

    assert [event["id"] for event in events] == ["3", "4", "5", "6"]


async def test_who_remembers_a_position_that_is_not_there_is_told_so_and_hears_what_comes_from_now_on(
    database: Database, api: Api
) -> None:
    await store(database, an_alert(), an_alert())

    async with api.listen(STREAM, {"Last-Event-ID": "4711"}) as connection:
        async with asyncio.timeout(WITHIN_S):
            start, opening = await connection.sent.get(), await connection.sent.get()
        await store(database, later := an_alert())
        [event] = await heard(connection, 1)

    [moved] = parsed(opening["body"].decode())
    assert start["status"] == 200
    assert (moved["event"], moved["id"], moved["data"]) == ("position_moved", "2", {"asked": 4711, "after": 2})
    assert (event["id"], event["data"]["id"]) == ("3", str(later.id))


async def test_who_has_seen_the_newest_is_told_of_no_move(database: Database, api: Api) -> None:
    await store(database, an_alert())

    async with api.listen(STREAM, {"Last-Event-ID": "1"}) as connection:
        await opened(connection)


async def test_who_listens_for_one_recipient_hears_of_no_other(database: Database, api: Api) -> None:
    await store(database, an_alert(), mine := an_alert(recipient=UNIT), an_alert(recipient=UNIT + "0"))

    async with api.listen(f"{STREAM}?recipient={UNIT}", {"Last-Event-ID": "0"}) as connection:
        await opened(connection)
        await store(database, an_alert(recipient="*"), last := an_alert(recipient=UNIT))
        events = await heard(connection, 2)

    assert [event["data"]["id"] for event in events] == [str(mine.id), str(last.id)]


async def test_who_hangs_up_is_no_longer_counted(api: Api) -> None:
    async def listeners() -> float:
        lines = (await api.get("/metrics")).body.decode().splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("grid_alert_streams ")))

    async def is_heard() -> bool:
        return await listeners() == 1

    async def is_gone() -> bool:
        return await listeners() == 0

    async with api.listen(STREAM) as connection:
        await opened(connection)
        await until(is_heard, "the listener is counted")

    await until(is_gone, "the listener is counted no more")


@pytest.mark.parametrize("position", ["seven", "-1", "1.5", str(2**63), "9" * 40])
async def test_a_position_that_is_none_is_refused(api: Api, position: str) -> None:
    answer = await api.get(STREAM, {"Last-Event-ID": position})

    assert (answer.status, answer.problem) == (422, "invalid")
    assert "last" in answer.json()["errors"][0]["field"].lower()


async def test_an_empty_position_stands_for_none(database: Database, api: Api) -> None:
    await store(database, an_alert())

    async with api.listen(STREAM, {"Last-Event-ID": ""}) as connection:
        headers = await opened(connection)
        await store(database, an_alert())
        [event] = await heard(connection, 1)

    assert headers["content-type"].startswith("text/event-stream")
    assert event["id"] == "2"


@pytest.mark.parametrize("path", ["/v1/alerts", STREAM])
async def test_a_name_that_nobody_knows_is_refused(api: Api, path: str) -> None:
    answer = await api.get(f"{path}?bogus=1")

    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["bogus"]


@pytest.mark.parametrize("recipient", ["x" * 97, "%00"])
async def test_a_recipient_that_nobody_can_be_is_refused(api: Api, recipient: str) -> None:
    answer = await api.get(f"{STREAM}?recipient={recipient}")

    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["recipient"]
