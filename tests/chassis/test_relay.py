"""Do events leave the outbox for a real Kafka: each one, in the order of its key, and as they are?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from deploy.local.stack import Stack
from lamplight_chassis.relay import Relay
from tests.chassis.parts import Outgoing, rows_of, why_parked
from tests.chassis.relaying import Post, a_post, assert_complete_and_in_order, running, write_concurrently
from tests.kafka import a_topic_name, create_topics, read_all
from tests.polling import until

pytestmark = pytest.mark.live

TOO_LARGE = b"x" * 1_100_000


@pytest.fixture
async def post(stack: Stack, database_url: str) -> AsyncIterator[Post]:
    async with a_post(stack, database_url) as post:
        yield post


async def letters_of(post: Post) -> list[dict[str, str]]:
    records = await read_all(post.stack.bootstrap_servers, post.dead_letters)
    return [why_parked(record.headers) for record in records]


async def parked_rows(post: Post) -> list[str]:
    rows = await rows_of(post.database, "SELECT parked_reason FROM outbox WHERE parked_reason IS NOT NULL")
    return [row.parked_reason for row in rows]


async def test_an_event_arrives_as_it_was_written(post: Post) -> None:
    headers = (("ce_id", b"\x80\x00"), ("none", None))
    await post.write(Outgoing(topic=post.topic, key=b"\xff", headers=headers, value="点亮".encode()))

    async with running(post.relay()):
        await post.drained()

    [record] = await read_all(post.stack.bootstrap_servers, post.topic)
    assert (record.key, record.value, record.headers) == (b"\xff", "点亮".encode(), headers)


async def test_many_writers_on_few_keys_with_late_commits_lose_nothing_and_no_order(post: Post) -> None:
    async with running(post.relay()):
        count = await write_concurrently(post, writers=8, events_each=60, keys=5)
        await post.drained()

    published = await post.published()
    assert len(published) == count == 480
    assert_complete_and_in_order(published, count=count)


async def test_of_two_relays_exactly_one_is_active_and_the_other_takes_over_when_it_stops(post: Post) -> None:
    first, second = post.relay("1"), post.relay("2")
    async with running(second):
        async with running(first):
            await until(lambda: _somebody_is_active(post), "an active relay")
            assert len(await post.lock_holders()) == 1
            count = await write_concurrently(post, writers=4, events_each=20, keys=3)
            await post.drained()
        await post.write(Outgoing(topic=post.topic, key=b"after", value=b"1"))
        await post.drained()

    assert_complete_and_in_order(await post.published(), count=count + 1)


async def test_a_standby_relay_is_ready_and_says_so(post: Post) -> None:
    first, second = post.relay("1"), post.relay("2")

    async with running(first):
        await until(lambda: _is_without_trouble(first), "the first relay to be ready")
        async with running(second):
            await until(lambda: _is_without_trouble(second), "the second relay to be ready")

            assert len(await post.lock_holders()) == 1


async def test_a_stopped_relay_holds_no_lock(post: Post) -> None:
    relay = post.relay()
    async with running(relay):
        await until(lambda: _somebody_is_active(post), "an active relay")

    await until(lambda: _nobody_is_active(post), "the lock to be free", within_s=5)


async def test_an_event_without_a_topic_parks_its_key_and_the_others_flow(post: Post) -> None:
    nowhere = a_topic_name("nowhere")
    await post.write(
        Outgoing(topic=nowhere, key=b"a", value=b"1"),
        Outgoing(topic=nowhere, key=b"a", value=b"2"),
        Outgoing(topic=post.topic, key=b"a", value=b"1"),
        Outgoing(topic=post.topic, key=b"b", value=b"1"),
    )

    async with running(post.relay()):
        await until(lambda: _has_parked(post, 1), "a parked row")
        await post.write(
            Outgoing(topic=nowhere, key=b"a", value=b"3"), Outgoing(topic=post.topic, key=b"b", value=b"2")
        )
        await until(lambda: _has_published(post, 3), "the other keys")

    assert await parked_rows(post) == [f"there is no topic {nowhere}"]
    assert await post.waiting() == 3
    [letter] = await letters_of(post)
    assert (letter["topic"], letter["reason"], letter["group"]) == (nowhere, "unsendable", "post")
    assert letter["error"] == f"there is no topic {nowhere}"


async def test_a_parked_key_flows_in_order_once_its_cause_is_mended(post: Post) -> None:
    nowhere = a_topic_name("nowhere")
    await post.write(*(Outgoing(topic=nowhere, key=b"a", value=str(number).encode()) for number in range(1, 6)))
    async with running(post.relay()):
        await until(lambda: _has_parked(post, 1), "a parked row")
        await create_topics(post.stack.bootstrap_servers, nowhere)

        async with post.database.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE outbox SET parked_reason = NULL")
        await post.drained()

    records = await read_all(post.stack.bootstrap_servers, nowhere)
    assert [record.value for record in records] == [b"1", b"2", b"3", b"4", b"5"]


async def test_an_event_that_is_too_large_parks_its_key_and_the_others_flow(post: Post) -> None:
    await post.write(
        Outgoing(topic=post.topic, key=b"a", value=b"1"),
        Outgoing(topic=post.topic, key=b"large", value=TOO_LARGE),
        Outgoing(topic=post.topic, key=b"large", value=b"2"),
        Outgoing(topic=post.topic, key=b"a", value=b"2"),
    )

    async with running(post.relay()):
        await until(lambda: _has_published(post, 2), "the other key")
        await until(lambda: _has_parked(post, 1), "a parked row")

    assert await post.published() == [(b"a", b"1"), (b"a", b"2")]
    assert "MessageSizeTooLargeError" in (await parked_rows(post))[0]
    [letter] = await letters_of(post)
    assert (letter["topic"], letter["reason"]) == (post.topic, "unsendable")


async def test_an_event_that_the_broker_refuses_parks_its_key_and_not_its_neighbours(post: Post) -> None:
    small = a_topic_name("small")
    await create_topics(post.stack.bootstrap_servers, small, partitions=1, max_bytes=2_000)
    await post.write(
        Outgoing(topic=small, key=b"a", value=b"1"),
        Outgoing(topic=small, key=b"large", value=b"y" * 5_000),
        Outgoing(topic=small, key=b"a", value=b"2"),
        Outgoing(topic=small, key=b"b", value=b"1"),
    )

    async with running(post.relay()):
        await until(lambda: _has_parked(post, 1), "a parked row")
        await until(lambda: _has_left(post, 1), "the neighbours")

    records = await read_all(post.stack.bootstrap_servers, small)
    assert [(record.key, record.value) for record in records] == [(b"a", b"1"), (b"a", b"2"), (b"b", b"1")]


async def _somebody_is_active(post: Post) -> bool:
    return bool(await post.lock_holders())


async def _nobody_is_active(post: Post) -> bool:
    return not await post.lock_holders()


async def _is_without_trouble(relay: Relay) -> bool:
    return relay.trouble is None


async def _has_parked(post: Post, count: int) -> bool:
    return len(await parked_rows(post)) >= count


async def _has_left(post: Post, count: int) -> bool:
    return await post.waiting() == count


async def _has_published(post: Post, count: int) -> bool:
    return len(await post.published()) >= count
