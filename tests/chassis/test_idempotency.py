"""Does the same request, sent twice, get the same answer and take effect once?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from lamplight_chassis.group_commit import GroupCommit
from lamplight_chassis.idempotency import Answer, IdempotencyKey, KeyRace, Outcome, key_of, perform_once
from tests.chassis.parts import WRITE_EFFECT, effects, rows_of


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that writes a word; `refuse` is refused."""

    word: str
    idempotency: IdempotencyKey | None = None


def a_wish(word: str, key: str | None = "key") -> Wish:
    return Wish(word, key_of(key, operation="POST /words", body=word.encode()))


async def perform(database: Database, wishes: Sequence[Wish]) -> Sequence[Outcome]:
    """What a service does with a group of requests."""
    async with database.transaction() as work:

        async def write(new: Sequence[Wish]) -> Sequence[Outcome]:
            for wish in new:
                if wish.word != "refuse":
                    await work.connection.execute(WRITE_EFFECT, {"id": new_id(), "word": wish.word})
            return [Rejected("rude", "no") if wish.word == "refuse" else _answer(wish) for wish in new]

        return await perform_once(work.connection, wishes, write)


def _answer(wish: Wish) -> Answer:
    return Answer(201, f"{wish.word} {new_id()}".encode())


async def test_the_same_key_with_the_same_body_gets_the_first_answer(database: Database) -> None:
    [first] = await perform(database, [a_wish("hello")])

    [second] = await perform(database, [a_wish("hello")])

    assert isinstance(first, Answer)
    assert not first.is_replayed
    assert second == Answer(first.status, first.body, is_replayed=True)
    assert await effects(database) == ["hello"]


async def test_the_same_key_with_another_body_is_refused_and_changes_nothing(database: Database) -> None:
    await perform(database, [a_wish("hello")])

    [answer] = await perform(database, [a_wish("goodbye")])

    assert isinstance(answer, Rejected)
    assert answer.reason == "idempotency_conflict"
    assert await effects(database) == ["hello"]


async def test_twins_in_one_group_take_effect_once(database: Database) -> None:
    first, other, twin = await perform(database, [a_wish("hello"), a_wish("other", "its own"), a_wish("hello")])

    assert isinstance(first, Answer)
    assert isinstance(other, Answer)
    assert twin == Answer(first.status, first.body, is_replayed=True)
    assert await effects(database) == ["hello", "other"]


async def test_twins_with_different_bodies_in_one_group_are_a_conflict_for_the_second(database: Database) -> None:
    first, twin = await perform(database, [a_wish("hello"), a_wish("goodbye")])

    assert isinstance(first, Answer)
    assert isinstance(twin, Rejected)
    assert twin.reason == "idempotency_conflict"
    assert await effects(database) == ["hello"]


async def test_requests_without_a_key_take_effect_each_time(database: Database) -> None:
    answers = await perform(database, [a_wish("hello", None), a_wish("hello", None)])

    assert all(isinstance(answer, Answer) and not answer.is_replayed for answer in answers)
    assert await effects(database) == ["hello", "hello"]


async def test_a_refusal_is_not_kept(database: Database) -> None:
    [refused] = await perform(database, [a_wish("refuse")])

    [answer] = await perform(database, [a_wish("hello")])

    assert isinstance(refused, Rejected)
    assert isinstance(answer, Answer)
    assert await rows_of(database, "SELECT key, status FROM idempotency") == [("key", 201)]


async def test_the_twin_of_a_refused_request_is_refused_alike(database: Database) -> None:
    first, twin = await perform(database, [a_wish("refuse"), a_wish("refuse")])

    assert isinstance(first, Rejected)
    assert twin is first


async def test_an_answer_is_kept_with_its_effect_or_not_at_all(database: Database) -> None:
    async with database.engine.connect() as connection:

        async def write(new: Sequence[Wish]) -> Sequence[Outcome]:
            return [_answer(wish) for wish in new]

        await perform_once(connection, [a_wish("hello")], write)
        await connection.rollback()

    [answer] = await perform(database, [a_wish("hello")])

    assert isinstance(answer, Answer)
    assert not answer.is_replayed


async def test_a_key_that_another_instance_just_committed_asks_for_another_attempt(database: Database) -> None:
    async with database.engine.connect() as slow:

        async def overtaken(new: Sequence[Wish]) -> Sequence[Outcome]:
            await perform(database, [a_wish("hello")])
            return [_answer(wish) for wish in new]

        with pytest.raises(KeyRace):
            await perform_once(slow, [a_wish("hello")], overtaken)


async def test_twenty_instances_with_one_key_perform_it_once_and_answer_alike(database: Database) -> None:
    async def serve(wishes: Sequence[Wish]) -> Sequence[Outcome]:
        return await perform(database, wishes)

    groups: list[GroupCommit[Wish, Answer]] = [GroupCommit(serve, limit=10) for _ in range(20)]
    serving = [asyncio.create_task(group.run()) for group in groups]

    answers = await asyncio.gather(*(group.submit(a_wish("hello")) for group in groups))

    for group in groups:
        group.stop()
    await asyncio.gather(*serving)
    assert len({answer.body for answer in answers}) == 1
    assert sum(not answer.is_replayed for answer in answers) == 1
    assert await effects(database) == ["hello"]


def test_no_header_is_no_key() -> None:
    assert key_of(None, operation="POST /words", body=b"") is None


@pytest.mark.parametrize("header", ["", "k" * 129, "schlüssel", "键", "two\nlines", "a\x7f"])
def test_a_key_that_is_empty_too_long_or_not_printable_is_refused(header: str) -> None:
    with pytest.raises(Rejected, match="1 to 128 printable ASCII") as refusal:
        key_of(header, operation="POST /words", body=b"")

    assert refusal.value.reason == "bad_idempotency_key"


def test_the_longest_key_is_taken() -> None:
    key = key_of("k" * 128, operation="POST /words", body=b"")

    assert key is not None
    assert key.key == "k" * 128


def test_the_same_key_for_another_operation_is_another_request() -> None:
    words, names = (key_of("key", operation=operation, body=b"{}") for operation in ("POST /words", "POST /names"))

    assert words is not None
    assert names is not None
    assert words.digest != names.digest


async def test_a_request_beside_a_refused_one_with_its_key_is_not_answered_with_that_refusal(
    database: Database,
) -> None:
    wishes: GroupCommit[Wish, Answer] = GroupCommit(lambda group: perform(database, group), limit=10)
    serving = asyncio.create_task(wishes.run())

    refused, twin, mended = await asyncio.gather(
        *(wishes.submit(a_wish(word)) for word in ("refuse", "refuse", "hello")), return_exceptions=True
    )

    wishes.stop()
    await serving
    assert [type(refused), type(twin), type(mended)] == [Rejected, Rejected, Answer]
    assert await effects(database) == ["hello"]
