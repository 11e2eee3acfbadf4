"""Does every record of a batch take effect exactly once, or get a dead letter, and never harm its neighbours?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
import stamina
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from lamplight_chassis.clock import new_id
from lamplight_chassis.consumer import BatchConsumer
from lamplight_chassis.database import Database
from lamplight_chassis.metrics import ChassisMetrics
from lamplight_chassis.progress import Progress
from tests.builders import raw_record
from tests.chassis.parts import Dictionary, Word, a_word_record, effects, letters, read_word, rows_of

NO_COMMITS = """
    CREATE FUNCTION refuse_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no commit today'; END $$;
    CREATE CONSTRAINT TRIGGER no_commits AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION refuse_commit();
"""


@pytest.fixture
async def broken_commits(database_url: str) -> AsyncIterator[None]:
    """Every transaction that tells something fails at the very last moment."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(NO_COMMITS)
    yield
    await connection.execute("DROP TRIGGER no_commits ON outbox; DROP FUNCTION refuse_commit")
    await connection.close()


class Reader:
    """A consumer of words, with what can be seen of it."""

    def __init__(self, database: Database, dictionary: Dictionary) -> None:
        self.metrics = ChassisMetrics(CollectorRegistry())
        self.progress = Progress(topic="words", stall_s=1000, metrics=self.metrics)
        self.consumer: BatchConsumer[Word] = BatchConsumer(
            topic="words",
            group="readers",
            dead_letter_topic="dead",
            decode=read_word,
            apply=dictionary.apply,
            database=database,
            metrics=self.metrics,
            progress=self.progress,
        )
        self.consume = self.consumer.consume

    def count(self, result: str) -> float | None:
        labels = {"topic": "words", "result": result}
        return self.metrics.registry.get_sample_value("consumer_records_total", labels)

    def letters_for(self, reason: str) -> float | None:
        labels = {"topic": "words", "reason": reason}
        return self.metrics.registry.get_sample_value("dead_letters_total", labels)


async def test_a_batch_takes_effect_in_its_order_and_in_one_transaction(database: Database) -> None:
    reader = Reader(database, Dictionary())

    await reader.consume([a_word_record(word, offset=number) for number, word in enumerate(("a", "b", "c"))])

    assert await effects(database) == ["a", "b", "c"]
    transactions = await rows_of(database, "SELECT xmin::text FROM effects UNION SELECT xmin::text FROM inbox")
    assert len(transactions) == 1
    assert reader.count("handled") == 3


async def test_a_batch_that_comes_again_has_no_second_effect(database: Database) -> None:
    reader = Reader(database, Dictionary())
    batch = [a_word_record(word, offset=number) for number, word in enumerate(("a", "b"))]
    await reader.consume(batch)

    await reader.consume([*batch, a_word_record("c", offset=2)])

    assert await effects(database) == ["a", "b", "c"]
    assert (reader.count("handled"), reader.count("repeated")) == (3, 2)


async def test_an_event_that_stands_twice_in_a_batch_takes_effect_once(database: Database) -> None:
    reader = Reader(database, Dictionary())
    event_id = new_id()

    await reader.consume([a_word_record("a", event_id=event_id, offset=number) for number in range(2)])

    assert await effects(database) == ["a"]
    assert await letters(database) == []


async def test_a_record_that_cannot_be_read_is_parked_with_its_reason_and_its_neighbours_take_effect(
    database: Database,
) -> None:
    reader = Reader(database, Dictionary())
    poison = raw_record(b"not json", key=b"\xff", headers=(("mine", b"\x80"), ("none", None)), partition=4, offset=7)

    await reader.consume([a_word_record("a", offset=6), poison, a_word_record("b", offset=8)])

    assert await effects(database) == ["a", "b"]
    [letter] = await letters(database)
    assert letter["reason"] == "malformed_value"
    assert letter["error"] == "the value is no word"
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("words", "4", "7")
    assert letter["group"] == "readers"
    assert "cut" not in letter
    [row] = await rows_of(database, "SELECT key, value, headers FROM outbox")
    assert (bytes(row.key), bytes(row.value)) == (b"\xff", b"not json")
    assert '["none",null]' in row.headers


async def test_a_record_that_kafkas_client_cannot_read_is_parked_once_by_its_place(database: Database) -> None:
    reader = Reader(database, Dictionary())

    for _ in range(2):
        await reader.consumer.park_unreadable(4, 7, UnicodeError("not a name"))

    [letter] = await letters(database)
    assert (letter["topic"], letter["partition"], letter["offset"], letter["group"]) == ("words", "4", "7", "readers")
    assert (letter["reason"], letter["error"]) == ("unreadable", "UnicodeError: not a name")
    assert (reader.count("parked"), reader.count("repeated"), reader.letters_for("unreadable")) == (1, 1, 1)


async def test_a_record_that_kafkas_client_cannot_read_is_given_back_while_the_database_is_away(
    database: Database, broken_commits: None, one_attempt: None
) -> None:
    reader = Reader(database, Dictionary())

    with pytest.raises(DBAPIError, match="no commit today"):
        await reader.consumer.park_unreadable(4, 7, UnicodeError("not a name"))

    assert reader.letters_for("unreadable") is None


async def test_a_record_without_value_or_key_is_parked_as_it_is(database: Database) -> None:
    reader = Reader(database, Dictionary())

    await reader.consume([raw_record(None, key=None)])

    [row] = await rows_of(database, "SELECT key, value FROM outbox")
    assert (bytes(row.key), row.value) == (b"", None)


async def test_what_the_domain_refuses_is_parked_and_its_neighbours_take_effect(database: Database) -> None:
    reader = Reader(database, Dictionary(refused=["damn"]))

    await reader.consume([a_word_record("a"), a_word_record("damn", offset=1), a_word_record("b", offset=2)])

    assert await effects(database) == ["a", "b"]
    assert [letter["reason"] for letter in await letters(database)] == ["rude"]
    assert (reader.count("handled"), reader.count("parked")) == (2, 1)


async def test_a_refused_event_takes_effect_when_it_is_replayed_after_the_mend(database: Database) -> None:
    dictionary = Dictionary(refused=["damn"])
    reader = Reader(database, dictionary)
    event_id = new_id()
    await reader.consume([a_word_record("damn", event_id=event_id, offset=1)])
    dictionary.refused.clear()

    await reader.consume([a_word_record("damn", event_id=event_id, offset=9)])

    assert await effects(database) == ["damn"]
    assert len(await letters(database)) == 1


async def test_a_refused_record_that_is_delivered_again_is_parked_once(database: Database) -> None:
    reader = Reader(database, Dictionary(refused=["damn"]))
    batch = [raw_record(b"not json", offset=1), a_word_record("damn", offset=2)]
    await reader.consume(batch)

    await reader.consume(batch)

    assert [letter["offset"] for letter in await letters(database)] == ["1", "2"]
    assert (reader.count("parked"), reader.count("repeated")) == (2, 2)
    assert (reader.letters_for("malformed_value"), reader.letters_for("rude")) == (1, 1)


async def test_a_bug_is_parked_with_its_traceback_and_its_neighbours_take_effect_in_order(database: Database) -> None:
    dictionary = Dictionary(broken=["bug"])
    reader = Reader(database, dictionary)

    await reader.consume([a_word_record(word, offset=number) for number, word in enumerate(("a", "bug", "b"))])

    assert await effects(database) == ["a", "b"]
    [letter] = await letters(database)
    assert letter["reason"] == "KeyError"
    assert "Traceback" in letter["error"]
    assert "parts.py" in letter["error"]
    assert dictionary.batches == [["a", "bug", "b"], ["a"], ["bug"], ["b"]]


async def test_a_bug_that_is_delivered_again_is_parked_once(database: Database) -> None:
    reader = Reader(database, Dictionary(broken=["bug"]))
    await reader.consume([a_word_record("bug", event_id=(event_id := new_id()))])

    await reader.consume([a_word_record("bug", event_id=event_id)])

    assert len(await letters(database)) == 1
    assert (reader.count("parked"), reader.count("repeated"), reader.letters_for("KeyError")) == (1, 1, 1)


async def test_a_record_that_the_reader_itself_breaks_at_is_parked_as_a_bug_and_its_neighbours_take_effect(
    database: Database,
) -> None:
    reader = Reader(database, Dictionary())

    await reader.consume([a_word_record("a"), raw_record(b'{"word": "no id"}', offset=1), a_word_record("b", offset=2)])

    assert await effects(database) == ["a", "b"]
    [letter] = await letters(database)
    assert letter["reason"] == "KeyError"
    assert "Traceback" in letter["error"]
    assert (reader.count("handled"), reader.count("parked")) == (2, 1)


async def test_what_is_not_committed_is_neither_counted_nor_logged(
    database: Database, broken_commits: None, one_attempt: None
) -> None:
    reader = Reader(database, Dictionary(refused=["damn"], broken=["bug"]))
    batch = [raw_record(b"not json"), a_word_record("damn", offset=1), a_word_record("bug", offset=2)]

    with capture_logs() as logs, pytest.raises(DBAPIError, match="no commit today"):
        await reader.consume(batch)

    assert [reader.count(result) for result in ("handled", "parked", "repeated")] == [None, None, None]
    assert [reader.letters_for(reason) for reason in ("malformed_value", "rude", "KeyError")] == [None, None, None]
    assert "consumer.record_parked" not in [line["event"] for line in logs]


async def test_a_parked_bug_takes_effect_when_it_is_replayed_after_the_mend(database: Database) -> None:
    dictionary = Dictionary(broken=["bug"])
    reader = Reader(database, dictionary)
    event_id = new_id()
    await reader.consume([a_word_record("bug", event_id=event_id, offset=1)])
    dictionary.broken.clear()

    await reader.consume([a_word_record("bug", event_id=event_id, offset=9)])

    assert await effects(database) == ["bug"]


async def test_an_id_that_is_used_for_another_content_is_parked_as_a_mistake_of_its_producer(
    database: Database,
) -> None:
    reader = Reader(database, Dictionary())
    event_id = new_id()
    await reader.consume([a_word_record("a", event_id=event_id)])

    await reader.consume([a_word_record("b", event_id=event_id, offset=1)])

    assert await effects(database) == ["a"]
    assert [letter["reason"] for letter in await letters(database)] == ["duplicate_id"]


async def test_of_two_contents_with_one_id_in_a_batch_the_first_takes_effect(database: Database) -> None:
    reader = Reader(database, Dictionary())
    event_id = new_id()

    await reader.consume([a_word_record(word, event_id=event_id, offset=i) for i, word in enumerate(("a", "b"))])

    assert await effects(database) == ["a"]
    assert [(letter["reason"], letter["offset"]) for letter in await letters(database)] == [("duplicate_id", "1")]


async def test_a_failure_that_passes_is_tried_again_until_it_does(database: Database) -> None:
    dictionary = Dictionary()
    dictionary.failures = [ConnectionResetError("away"), TimeoutError("slow")]
    reader = Reader(database, dictionary)
    stamina.set_testing(True, attempts=3)

    try:
        await reader.consume([a_word_record("a")])
    finally:
        stamina.set_testing(False)

    assert await effects(database) == ["a"]
    assert len(dictionary.batches) == 3
    assert reader.metrics.registry.get_sample_value("consumer_retries_total", {"topic": "words"}) == 2


async def test_a_failure_that_lasts_gives_the_batch_back_untouched_and_says_why(
    database: Database, one_attempt: None
) -> None:
    dictionary = Dictionary()
    dictionary.failures = [ConnectionResetError("the database is away")]
    reader = Reader(database, dictionary)
    batch = [raw_record(b"not json"), a_word_record("a", offset=1)]

    with pytest.raises(ConnectionResetError):
        await reader.consume(batch)

    assert (await effects(database), await letters(database)) == ([], [])
    assert reader.progress.trouble == "reading words is blocked: ConnectionResetError: the database is away"
    await reader.consume(batch)
    assert await effects(database) == ["a"]
    assert reader.progress.trouble is None


async def test_an_outage_between_the_records_of_a_split_batch_gives_the_rest_back(
    database: Database, one_attempt: None
) -> None:
    dictionary = Dictionary(broken=["bug"])
    dictionary.failures = [KeyError("first"), ConnectionResetError("then")]
    reader = Reader(database, dictionary)
    batch = [a_word_record(word, offset=number) for number, word in enumerate(("a", "b"))]

    with pytest.raises(ConnectionResetError):
        await reader.consume(batch)
    await reader.consume(batch)

    assert await effects(database) == ["a", "b"]
    assert await letters(database) == []


async def test_a_huge_value_is_cut_in_its_dead_letter(database: Database) -> None:
    reader = Reader(database, Dictionary())

    await reader.consume([raw_record(b"x" * 1_200_000)])

    [row] = await rows_of(database, "SELECT length(value) AS bytes FROM outbox")
    [letter] = await letters(database)
    assert (row.bytes, letter["cut"]) == (1024 * 1024, "value")
