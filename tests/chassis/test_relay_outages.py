"""Do events leave the outbox complete and in order, whatever dies meanwhile?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from deploy.local.stack import Stack
from lamplight_chassis.relay import Relay
from tests.chassis.parts import Outgoing
from tests.chassis.relaying import Post, a_post, assert_complete_and_in_order, running, write_concurrently
from tests.polling import until

pytestmark = pytest.mark.live


@pytest.fixture
async def post(stack: Stack, database_url: str) -> AsyncIterator[Post]:
    async with a_post(stack, database_url) as post:
        yield post


async def test_a_kafka_that_is_killed_under_load_and_comes_back_gets_everything_in_order(post: Post) -> None:
    relay = post.relay()
    async with running(relay):
        writing = asyncio.create_task(write_concurrently(post, writers=8, events_each=60, keys=5))
        await until(lambda: _has_published_something(post), "the first events")
        await asyncio.to_thread(post.stack.kill_kafka)
        try:
            count = await writing
            await until(lambda: _is_in_trouble(relay), "the relay to notice")
        finally:
            await asyncio.to_thread(post.stack.start_kafka)
        await post.drained(within_s=60)
        assert relay.trouble is None

    assert_complete_and_in_order(await post.published(), count=count)


async def test_a_relay_whose_database_session_is_cut_again_and_again_loses_nothing(post: Post) -> None:
    async with running(post.relay()):
        writing = asyncio.create_task(write_concurrently(post, writers=8, events_each=60, keys=5))
        cuts = 0
        while not writing.done():
            await until(lambda: _is_active_or(post, writing), "an active relay")
            await post.cut_active_relay()
            cuts += 1
        count = await writing
        await post.drained()

    assert cuts >= 2
    assert_complete_and_in_order(await post.published(), count=count)


async def test_another_relay_takes_over_from_one_that_is_killed_under_load(post: Post) -> None:
    killed, heir = post.relay("1"), post.relay("2")
    killing = asyncio.create_task(killed.run())
    await until(lambda: _is_active_or(post), "an active relay")
    [first_holder] = await post.lock_holders()
    async with running(heir):
        writing = asyncio.create_task(write_concurrently(post, writers=8, events_each=60, keys=5))
        await until(lambda: _has_published_something(post), "the first events")
        killing.cancel()
        count = await writing
        await post.drained()
        assert await post.lock_holders() != [first_holder]

    assert_complete_and_in_order(await post.published(), count=count)


async def test_a_relay_that_starts_without_kafka_says_so_and_serves_when_it_comes(post: Post) -> None:
    await post.write(Outgoing(topic=post.topic, key=b"a", value=b"1"))
    await asyncio.to_thread(post.stack.kill_kafka)
    relay = post.relay()
    try:
        async with running(relay):
            await until(lambda: _is_active_or(post), "an active relay")
            assert relay.trouble is not None
            assert await post.waiting() == 1
            await asyncio.to_thread(post.stack.start_kafka)
            await post.drained(within_s=60)
    finally:
        if post.stack.kafka_pid is None:
            await asyncio.to_thread(post.stack.start_kafka)

    assert await post.published() == [(b"a", b"1")]


async def _has_published_something(post: Post) -> bool:
    return bool(await post.published())


async def _is_active_or(post: Post, ending: asyncio.Task[int] | None = None) -> bool:
    return bool(await post.lock_holders()) or (ending is not None and ending.done())


async def _is_in_trouble(relay: Relay) -> bool:
    return relay.trouble is not None
