"""Do a real Kafka and PostgreSQL start, survive being killed, and go away?"""

from __future__ import annotations

from collections.abc import Iterator

import asyncpg
import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.failure import AlreadyRunning, CannotRun
from deploy.local.launch import start
from deploy.local.scratch import scratch_stack
from deploy.local.stack import Stack

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with scratch_stack() as running:
        yield running


async def topics_of(stack: Stack, *, new: str | None = None) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap_servers)
    await admin.start()
    try:
        if new:
            await admin.create_topics([NewTopic(new, num_partitions=1, replication_factor=1)])
        return set(await admin.list_topics())
    finally:
        await admin.close()


async def query(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_killed_kafka_comes_back_on_its_port_with_its_topics(stack: Stack) -> None:
    await topics_of(stack, new="before-the-kill")
    first_pid = stack.kafka_pid

    stack.kill_kafka()
    stack.start_kafka()

    assert stack.kafka_pid != first_pid
    assert "before-the-kill" in await topics_of(stack)


async def test_a_killed_postgresql_comes_back_on_its_port_with_what_was_committed(stack: Stack) -> None:
    url = stack.create_database("survivor")
    await query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    backends = psutil.Process(stack.postgres_pid).children()

    stack.kill_postgres()
    gone = [not backend.is_running() or backend.status() == psutil.STATUS_ZOMBIE for backend in backends]
    stack.start_postgres()

    assert all(gone)
    assert await query(url, "SELECT answer FROM kept") == 42


async def test_commits_reach_the_disk_and_text_is_unicode(stack: Stack) -> None:
    shown = await query(stack.superuser_url, "SELECT concat_ws(' ', current_setting('fsync'), upper('点亮 é'))")

    assert shown == "on 点亮 É"


async def test_a_wrong_password_is_refused(stack: Stack) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(stack.superuser_url, password="guessed")


async def test_a_database_is_made_once_and_dropped_with_its_connections(stack: Stack) -> None:
    url = stack.ensure_database("passing")
    assert stack.ensure_database("passing") == url
    open_connection = await asyncpg.connect(url)

    stack.drop_database("passing")
    stack.drop_database("passing")

    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url)
    open_connection.terminate()


def test_a_database_that_exists_cannot_be_created_again(stack: Stack) -> None:
    stack.ensure_database("twice")

    with pytest.raises(CannotRun, match="already exists"):
        stack.create_database("twice")


@pytest.mark.parametrize("name", ['x"; DROP DATABASE postgres', "Upper", "", "9", "a" * 64])
def test_a_name_that_is_no_plain_identifier_is_refused(stack: Stack, name: str) -> None:
    with pytest.raises(CannotRun, match="is no database name"):
        stack.create_database(name)


def test_starting_a_folder_twice_is_refused_and_harms_nothing(stack: Stack) -> None:
    with pytest.raises(AlreadyRunning, match=stack.bootstrap_servers):
        start(stack.folder)

    assert stack.stopped_by_itself() is None
