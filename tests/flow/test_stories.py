"""Does a report travel from the one who saw something to everyone who must know, and back?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from lamplight_events.envelope import read_headers
from tests.builders import UNIT, a_report_body, raw_record
from tests.flow.town import Town, a_town
from tests.polling import until

CORRELATION = "the-first-request"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
ORDERS = (
    ("accept", {"actor": "squadron"}),
    ("resolve", {"actor": "squadron", "opinion": "cleared"}),
    ("close", {"actor": "check", "closing_condition": "cleared"}),
)


@pytest.fixture
async def town(new_database: Callable[[str], str]) -> AsyncIterator[Town]:
    async with a_town(new_database) as town:
        yield town


async def report(town: Town, **changes: Any) -> dict[str, Any]:
    """Somebody reports; answers what intake answered."""
    answer = await town.apis["intake"].post("/v1/reports", a_report_body(**changes), {"X-Correlation-ID": CORRELATION})
    assert answer.status == 202, answer.body
    return dict(answer.json())


async def order(town: Town, case_id: str, name: str, form: dict[str, str]) -> None:
    answer = await town.apis["dispatch"].post(f"/v1/cases/{case_id}/{name}", form, {"X-Correlation-ID": CORRELATION})
    assert answer.status == 200, answer.body


async def status(town: Town, accepted: dict[str, Any]) -> str:
    shown = await town.apis["intake"].get(accepted["links"]["self"])
    return str(shown.json()["status"])


async def alerts(town: Town) -> list[tuple[str, str]]:
    """Recipient and kind of every alert, in the order in which they were made."""
    shown = (await town.apis["notify"].get("/v1/alerts")).json()["alerts"]
    return [(alert["recipient"], alert["kind"]) for alert in reversed(shown)]


async def history(town: Town, case_id: str) -> list[str]:
    shown = (await town.apis["dispatch"].get(f"/v1/cases/{case_id}/history")).json()
    return [entry["operation"] for entry in shown["entries"]]


async def test_a_report_becomes_an_alert_of_the_unit_and_a_status_of_the_reporter(town: Town) -> None:
    accepted = await report(town)
    assert await status(town, accepted) == "received"

    await town.pump()

    assert await alerts(town) == [(f"unit:{UNIT}", "case_assigned")]
    assert await status(town, accepted) == "dispatched"
    case = (await town.apis["dispatch"].get(f"/v1/cases/{accepted['case_id']}")).json()
    assert (case["unit_id"], case["report_ids"]) == (UNIT, [accepted["report_id"]])


async def test_the_whole_life_of_a_case_is_seen_by_everyone_in_its_turn(town: Town) -> None:
    accepted = await report(town)
    await town.pump()

    seen = []
    for name, form in ORDERS:
        await order(town, accepted["case_id"], name, form)
        await town.pump()
        seen.append(await status(town, accepted))

    assert seen == ["handling", "checking", "closed"]
    assert await alerts(town) == [
        (f"unit:{UNIT}", "case_assigned"),
        ("command_centre", "work_to_check"),
        (f"report:{accepted['report_id']}", "case_closed"),
    ]
    assert await history(town, accepted["case_id"]) == ["report", "file", "dispatch", "accept", "resolve", "close"]


async def test_one_correlation_id_goes_from_the_first_request_to_the_last_alert(town: Town) -> None:
    accepted = await report(town)
    await town.pump()
    for name, form in ORDERS:
        await order(town, accepted["case_id"], name, form)
        await town.pump()

    told = {read_headers(record.headers).cause.correlation_id for record in town.log}
    alerted = await town.rows("notify", "SELECT DISTINCT correlation_id FROM alerts")
    assert told == {CORRELATION}
    assert [row["correlation_id"] for row in alerted] == [CORRELATION]


async def has_told(town: Town, event_type: str) -> bool:
    await town.pump()
    return event_type in [read_headers(record.headers).type for record in town.log]


async def test_one_trace_goes_from_the_first_request_to_the_last_alert(town: Town) -> None:
    accepted = (await town.apis["intake"].post("/v1/reports", a_report_body(), {"traceparent": TRACE})).json()
    await until(lambda: has_told(town, "grid.alert.delivered.v1"), "the delivery is told")

    traces = {read_headers(record.headers).type: read_headers(record.headers).cause.traceparent for record in town.log}
    assert {"grid.report.received.v1", "grid.case.dispatched.v1"} <= set(traces)
    assert set(traces.values()) == {TRACE}

    form = {"actor": "squadron"}
    other = TRACE.replace("a", "b")
    await town.apis["dispatch"].post(f"/v1/cases/{accepted['case_id']}/accept", form, {"traceparent": other})
    [ordered] = await town.take("dispatch")
    assert read_headers(ordered.headers).cause.traceparent == other


async def test_a_sighting_that_was_settled_on_the_spot_troubles_nobody(town: Town) -> None:
    accepted = await report(town, source="patrol", outcome="persuaded", reporter_ref="team-7")

    await town.pump()

    assert await alerts(town) == []
    assert await status(town, accepted) == "self_handled"
    assert await history(town, accepted["case_id"]) == ["report", "settle"]


async def test_the_audit_of_a_settled_sighting_tells_the_patrol_the_end(town: Town) -> None:
    accepted = await report(town, source="patrol", outcome="educated")
    await town.pump()

    await order(town, accepted["case_id"], "close", {"actor": "audit", "closing_condition": "settled_on_the_spot"})
    await town.pump()

    assert await alerts(town) == [(f"report:{accepted['report_id']}", "case_closed")]
    assert await status(town, accepted) == "closed"


async def test_a_vendor_who_refused_is_handed_over_to_the_squadron(town: Town) -> None:
    accepted = await report(town, source="patrol", outcome="refused", description="摊主不听劝,电话13912345678")

    await town.pump()

    assert await alerts(town) == [(f"unit:{UNIT}", "case_assigned")]
    assert UNIT.startswith("squadron_")
    case = (await town.apis["dispatch"].get(f"/v1/cases/{accepted['case_id']}")).json()
    assert case["summary"] == "摊主不听劝,电话***"
    assert not any(b"13912345678" in (record.value or b"") for record in town.log)


async def test_every_record_delivered_three_times_changes_nothing(town: Town) -> None:
    accepted = await report(town)
    await town.pump(times=3)
    for name, form in ORDERS:
        await order(town, accepted["case_id"], name, form)
        await town.pump(times=3)

    await town.deliver(town.log)

    assert await history(town, accepted["case_id"]) == ["report", "file", "dispatch", "accept", "resolve", "close"]
    assert len(await alerts(town)) == 3
    assert await status(town, accepted) == "closed"
    deliveries = await town.rows("notify", "SELECT alert_id FROM deliveries")
    assert len(deliveries) == len({row["alert_id"] for row in deliveries}) == 3


async def test_poison_among_many_reports_harms_none_of_them(town: Town) -> None:
    accepted = [await report(town) for _ in range(5)]
    records = list(await town.take("intake"))
    poison = raw_record(b"\xff", topic="grid.reports", headers=(("ce_id", None),), offset=99)

    await town.deliver([*records[:2], poison, *records[2:]])
    parked = await town.rows("dispatch", "SELECT headers FROM outbox WHERE topic = 'grid.dead-letters'")
    await town.pump()

    assert len(parked) == 1
    assert [await status(town, each) for each in accepted] == ["dispatched"] * 5
    assert len(await alerts(town)) == 5


async def test_a_day_of_reports_adds_up_on_every_side(town: Town) -> None:
    outcomes = ["persuaded"] * 6 + ["refused"] * 4 + ["educated"] * 3
    accepted = [await report(town, source="patrol", outcome=outcome) for outcome in outcomes]

    await town.pump()

    states = [await status(town, each) for each in accepted]
    assert states == ["self_handled"] * 6 + ["dispatched"] * 4 + ["self_handled"] * 3
    counted = await town.rows("dispatch", "SELECT state, count(*) AS cases FROM cases GROUP BY state ORDER BY state")
    assert counted == [{"state": "dispatched", "cases": 4}, {"state": "self_handled", "cases": 9}]
    assert len(await alerts(town)) == 4
