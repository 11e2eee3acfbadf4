"""Does each delivery end, delivered or failed, told once, whatever its destination and its neighbours do?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from lamplight_chassis.database import Database
from lamplight_events.alerts import AlertDelivered, AlertFailed
from notify.delivery import pause_s
from notify.metrics import NotifyMetrics
from tests.builders import CORRELATION, NOW, StillClock
from tests.notify.builders import an_alert, store
from tests.notify.destinations import MAX_TRIES, Broken, Destination, Waiting, a_courier
from tests.outbox import told
from tests.polling import until
from tests.services import a_database

REASON = "ChannelError: answered with status 500"


async def rows(database: Database) -> Sequence[Any]:
    return await database.fetch(
        "SELECT d.*, a.id AS alert_id FROM deliveries d JOIN alerts a ON a.id = d.alert_id ORDER BY a.position"
    )


async def tries_written(database: Database, number: int, *, within_s: float = 20.0) -> None:
    """Wait until the first delivery has so many tries behind it, the last one written down."""

    async def are_written() -> bool:
        [row, *_] = await rows(database)
        return bool(row["tries"] == number and (row["finished_at"] or row["due_at"] - NOW < timedelta(seconds=25)))

    await until(are_written, f"{number} tries are written down", within_s=within_s)


async def all_ended(database: Database, *, but: int = 0) -> None:
    async def have_ended() -> bool:
        return len([row for row in await rows(database) if row["state"] == "pending"]) == but

    await until(have_ended, "all deliveries have ended")


def figure(metrics: NotifyMetrics, result: str) -> float:
    return float(metrics.deliveries.labels("log", result)._value.get())


@pytest.mark.parametrize(
    ("tries", "longest_s"),
    [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 64), (8, 128), (9, 256), (10, 512), (11, 600), (50, 600)],
)
def test_the_pause_doubles_from_a_second_to_ten_minutes_and_is_shortened_by_half_at_most(
    tries: int, longest_s: float
) -> None:
    assert pause_s(tries, 1.0) == longest_s
    assert pause_s(tries, 0.5) == longest_s * 0.75
    assert pause_s(tries, 0.0) == longest_s / 2


async def test_a_delivery_that_arrives_is_told_once_with_its_cause(
    url: str, database: Database, metrics: NotifyMetrics
) -> None:
    await store(database, alert := an_alert())

    async with a_courier(database, {"log": (log := Destination())}, clock=StillClock(), metrics=metrics):
        await all_ended(database)

    [sent] = log.sent
    [message] = await told(url)
    assert message.event == AlertDelivered(
        alert_id=alert.id,
        delivery_id=sent.id,
        case_id=alert.case_id,
        recipient=alert.recipient,
        channel="log",
        tries=1,
        occurred_at=NOW,
    )
    cause = message.envelope.cause
    assert (cause.correlation_id, cause.causation_id) == (CORRELATION, alert.event_id)
    [row] = await rows(database)
    assert (row["state"], row["tries"], row["finished_at"], row["last_error"]) == ("delivered", 1, NOW, None)
    assert (figure(metrics, "delivered"), figure(metrics, "retried"), figure(metrics, "failed")) == (1, 0, 0)


async def test_a_failed_try_is_made_again_after_its_pause_under_the_same_id(
    url: str, database: Database, metrics: NotifyMetrics
) -> None:
    await store(database, an_alert())
    clock, log = StillClock(), Destination(refusals=1)

    async with a_courier(database, {"log": log}, clock=clock, metrics=metrics):
        await tries_written(database, 1)
        [waiting] = await rows(database)
        clock.pass_s(1.0)
        await all_ended(database)

    assert (waiting["state"], waiting["last_error"]) == ("pending", REASON)
    assert timedelta(seconds=0.5) <= waiting["due_at"] - NOW <= timedelta(seconds=1.0)
    assert log.ids == [waiting["id"]] * 2
    assert [delivery.tries for delivery in log.sent] == [1, 2]
    [message] = await told(url)
    assert isinstance(message.event, AlertDelivered)
    assert message.event.tries == 2
    assert (figure(metrics, "delivered"), figure(metrics, "retried"), figure(metrics, "failed")) == (1, 1, 0)


async def test_a_delivery_that_never_arrives_is_parked_and_told_once(
    url: str, database: Database, metrics: NotifyMetrics
) -> None:
    await store(database, an_alert())
    clock, log = StillClock(), Destination(refusals=100)

    async with a_courier(database, {"log": log}, clock=clock, metrics=metrics):
        for number in range(1, MAX_TRIES + 1):
            await tries_written(database, number)
            clock.pass_s(4.0)
        await all_ended(database)
        clock.pass_s(3600.0)
        await store(database, later := an_alert(created_at=clock()))
        await until_sent(log, later.id)

    assert [delivery.tries for delivery in log.sent if delivery.alert_id != later.id] == [1, 2, 3]
    [message] = await told(url)
    assert isinstance(message.event, AlertFailed)
    assert (message.event.tries, message.event.reason) == (MAX_TRIES, REASON)
    [parked, _] = await rows(database)
    assert (parked["state"], parked["last_error"]) == ("failed", REASON)
    assert (figure(metrics, "delivered"), figure(metrics, "failed")) == (0, 1)


async def until_sent(destination: Destination, alert_id: object) -> None:
    async def is_sent() -> bool:
        return alert_id in [delivery.alert_id for delivery in destination.sent]

    await until(is_sent, "the alert is sent")


@pytest.mark.parametrize(
    "reason", ["x" * 10_000, "a\x00b", "点亮 💡", "\ud800"], ids=["long", "NUL", "emoji", "surrogate"]
)
async def test_whatever_a_destination_answers_its_delivery_ends(
    url: str, database: Database, metrics: NotifyMetrics, reason: str
) -> None:
    await store(database, an_alert())
    clock = StillClock()

    async with a_courier(database, {"log": Destination(refusals=100, reason=reason)}, clock=clock, metrics=metrics):
        for number in range(1, MAX_TRIES + 1):
            await tries_written(database, number, within_s=5.0)
            clock.pass_s(4.0)

    [message] = await told(url)
    assert isinstance(message.event, AlertFailed)
    assert len(message.event.reason) <= 500


async def test_a_bug_in_a_channel_is_tried_again_and_parked_and_harms_no_neighbour(
    url: str, database: Database, metrics: NotifyMetrics
) -> None:
    alerts = [an_alert() for _ in range(5)]
    clock, log = StillClock(), Broken(alerts[0].id)
    await store(database, *alerts)

    with capture_logs() as logs:
        async with a_courier(database, {"log": log}, clock=clock, metrics=metrics):
            await all_ended(database, but=1)
            for number in range(1, MAX_TRIES + 1):
                await tries_written(database, number)
                clock.pass_s(4.0)

    assert [row["state"] for row in await rows(database)] == ["failed", *["delivered"] * 4]
    events = [message.event for message in await told(url)]
    [failed] = [event for event in events if isinstance(event, AlertFailed)]
    assert failed.alert_id == alerts[0].id
    assert failed.reason == "bug: ZeroDivisionError('a bug in the channel')"
    assert len([line for line in logs if line["event"] == "delivery.bug"]) == MAX_TRIES


async def test_a_channel_that_is_not_here_fails_its_own_deliveries_only(
    database: Database, metrics: NotifyMetrics
) -> None:
    await database.fetch("UPDATE subscriptions SET channel = 'pigeon'")
    await store(database, an_alert())

    async with a_courier(database, {"log": Destination()}, clock=StillClock(), metrics=metrics):
        await tries_written(database, 1)

    [row] = await rows(database)
    assert (row["state"], row["last_error"]) == ("pending", "bug: KeyError('pigeon')")


async def test_a_destination_that_does_not_answer_holds_nobody_else(database: Database, metrics: NotifyMetrics) -> None:
    alerts = [an_alert() for _ in range(5)]
    log = Waiting(alerts[0].id)
    await store(database, *alerts)

    async with a_courier(database, {"log": log}, clock=StillClock(), metrics=metrics):
        await all_ended(database, but=1)
        await store(database, later := an_alert())
        await until_sent(log, later.id)
        await all_ended(database, but=1)
        log.is_open.set()
        await all_ended(database)

    assert [row["state"] for row in await rows(database)] == ["delivered"] * 6


async def test_a_try_that_takes_half_of_its_lease_is_given_up_before_anybody_else_makes_it(
    database: Database, metrics: NotifyMetrics
) -> None:
    await store(database, an_alert())

    async with a_courier(database, {"log": Waiting()}, clock=StillClock(), metrics=metrics, lease_s=0.2):
        await until_error(database)

    [row] = await rows(database)
    assert row["last_error"].startswith("TimeoutError")


async def until_tried(database: Database) -> None:
    async def is_tried() -> bool:
        return all(row["tries"] for row in await rows(database))

    await until(is_tried, "every delivery is tried")


async def until_error(database: Database) -> None:
    async def is_written() -> bool:
        return all(row["last_error"] for row in await rows(database))

    await until(is_written, "every error is written down")


async def test_what_was_in_flight_when_its_courier_died_comes_again_when_the_lease_is_over(
    url: str, database: Database, metrics: NotifyMetrics
) -> None:
    await store(database, an_alert())
    clock = StillClock()
    async with a_courier(database, {"log": (dead := Waiting())}, clock=clock, metrics=metrics):
        await until_tried(database)

    clock.pass_s(30.0)
    async with a_courier(database, {"log": (alive := Destination())}, clock=clock, metrics=metrics):
        await all_ended(database)

    assert alive.ids == dead.ids
    [message] = await told(url)
    assert isinstance(message.event, AlertDelivered)
    assert message.event.tries == 2


async def test_two_couriers_never_send_the_same_delivery_while_its_lease_runs(
    url: str, database: Database, metrics: NotifyMetrics
) -> None:
    log, clock = Destination(), StillClock()
    async with (
        a_database(url) as other,
        a_courier(database, {"log": log}, clock=clock, metrics=metrics),
        a_courier(other, {"log": log}, clock=clock, metrics=metrics),
    ):
        for _ in range(10):
            await store(database, *(an_alert() for _ in range(60)))
        await all_ended(database)

    assert len(log.ids) == len(set(log.ids)) == 600
    assert len(await told(url)) == 600
