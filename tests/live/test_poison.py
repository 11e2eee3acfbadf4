"""Are records of every bad kind parked with a reason, their neighbours unharmed, and handled once they are mended?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from deploy.city import City
from lamplight_chassis.replay import Mend, Parked, chosen, read_parked, replay
from tests.kafka import UnreadableName, a_producer, careless_batches
from tests.live.poison import KINDS, Kind, RawRecord, case_in, good_record
from tests.polling import until

pytestmark = pytest.mark.live

DEAD_LETTERS = "grid.dead-letters"
GROUPS: Mapping[str, tuple[str, ...]] = {"grid.reports": ("dispatch",), "grid.cases": ("intake", "notify")}
GOOD_BEFORE_EACH = 99  # one record in a hundred is poison
PARKED_WITHIN_S = 60.0
PLACES = [(topic, group) for topic, groups in GROUPS.items() for group in groups]
CASES_OF_GROUP = {
    "dispatch": "SELECT id FROM cases",
    "intake": "SELECT case_id FROM case_status",
    "notify": "SELECT case_id FROM alerts",
}


@dataclass(frozen=True, slots=True)
class Poisoned:
    """A stream with poison in it: what was sent to partition 0 of one topic, in this order.

    Arguments:
        meant: what each poisoned record would have been without its fault.
        places: the offset of each poisoned record.
    """

    good: Sequence[RawRecord]
    meant: Mapping[Kind, RawRecord]
    sent: Mapping[Kind, RawRecord]
    places: Mapping[Kind, int]


@pytest.fixture(scope="module")
def streams(running_city: City) -> Mapping[str, Poisoned]:
    """Every topic with its poison, when all of it was parked."""
    return asyncio.run(_poison_all(running_city))


@pytest.fixture(scope="module")
def letters(running_city: City, streams: Mapping[str, Poisoned]) -> Sequence[Parked]:
    return asyncio.run(read_parked(running_city.stack.bootstrap_servers, DEAD_LETTERS))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize(("topic", "group"), PLACES)
def test_poison_is_parked_once_with_its_reason(
    streams: Mapping[str, Poisoned], letters: Sequence[Parked], topic: str, group: str, kind: Kind
) -> None:
    offset = streams[topic].places[kind]

    found = [letter for letter in letters if _is_about(letter, topic=topic, group=group, offset=offset)]

    assert [letter.why["reason"] for letter in found] == [kind.reason]
    assert found[0].why["error"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize(("topic", "group"), PLACES)
def test_a_dead_letter_keeps_the_record_as_it_came(
    streams: Mapping[str, Poisoned], letters: Sequence[Parked], topic: str, group: str, kind: Kind
) -> None:
    sent, offset = streams[topic].sent[kind], streams[topic].places[kind]

    [letter] = [letter for letter in letters if _is_about(letter, topic=topic, group=group, offset=offset)]

    assert letter.key == sent.key
    assert dict(letter.headers) == sent.headers
    assert letter.value == sent.value


@pytest.mark.parametrize(("topic", "group"), PLACES)
async def test_good_records_around_poison_take_effect_once(
    city: City, streams: Mapping[str, Poisoned], topic: str, group: str
) -> None:
    expected = sorted(case_in(record) for record in streams[topic].good)

    handled = await _cases(city, group)

    assert sorted(case for case in handled if case in set(expected)) == expected


@pytest.mark.parametrize(("topic", "group"), PLACES)
async def test_mended_poison_takes_effect_once(
    city: City, streams: Mapping[str, Poisoned], letters: Sequence[Parked], topic: str, group: str
) -> None:
    stream = streams[topic]
    wanted = sorted(case_in(record) for record in stream.meant.values())

    for kind in KINDS:
        [letter] = chosen(letters, [_name(letters, topic, group, stream.places[kind])], reason=None, group=group)
        await replay(city.stack.bootstrap_servers, [letter], _mend(stream.sent[kind], stream.meant[kind]))

    async def are_handled() -> bool:
        return set(wanted) <= set(await _cases(city, group))

    await until(are_handled, f"{group} handles what was replayed", within_s=PARKED_WITHIN_S)
    assert sorted(case for case in await _cases(city, group) if case in wanted) == wanted


@pytest.mark.parametrize(("topic", "group"), PLACES)
async def test_a_record_that_kafkas_client_cannot_read_is_parked_by_its_place_and_its_neighbours_take_effect(
    city: City, topic: str, group: str
) -> None:
    servers = city.stack.bootstrap_servers
    before, spoilt, after = [good_record(topic) for _ in range(3)]
    spoilt = replace(spoilt, headers={**spoilt.headers, UnreadableName("x"): b"1"})

    with careless_batches():
        async with a_producer(servers) as producer:
            offsets = [(await (await _write(producer, topic, each))).offset for each in (before, spoilt, after)]

    async def is_parked() -> bool:
        letters = await read_parked(servers, DEAD_LETTERS)
        found = [each for each in letters if _is_about(each, topic=topic, group=group, offset=offsets[1])]
        return [each.why["reason"] for each in found] == ["unreadable"]

    async def are_handled() -> bool:
        return {case_in(before), case_in(after)} <= set(await _cases(city, group))

    await until(is_parked, f"{group} parks it", within_s=PARKED_WITHIN_S)
    await until(are_handled, f"{group} handles its neighbours", within_s=PARKED_WITHIN_S)
    assert case_in(spoilt) not in await _cases(city, group)


async def _poison_all(city: City) -> dict[str, Poisoned]:
    servers = city.stack.bootstrap_servers
    streams = {topic: await _send(servers, topic) for topic in GROUPS}
    expected = {(topic, group, str(offset)) for topic, group in PLACES for offset in streams[topic].places.values()}

    async def are_parked() -> bool:
        letters = await read_parked(servers, DEAD_LETTERS)
        return expected <= {(letter.why["topic"], letter.why["group"], letter.why["offset"]) for letter in letters}

    await until(are_parked, f"{len(expected)} dead letters", within_s=PARKED_WITHIN_S)
    return streams


async def _send(servers: str, topic: str) -> Poisoned:
    good: list[RawRecord] = []
    meant, sent, places = {}, {}, {}
    async with a_producer(servers) as producer:
        for kind in KINDS:
            before = [good_record(topic) for _ in range(GOOD_BEFORE_EACH)]
            meant[kind] = good_record(topic)
            sent[kind] = kind.spoil(meant[kind], before[-1])
            good += before
            await asyncio.gather(*[await _write(producer, topic, record) for record in before])
            async with a_producer(servers, codec=sent[kind].codec) as stranger:
                places[kind] = (await (await _write(stranger, topic, sent[kind]))).offset
        good.append(good_record(topic))
        await (await _write(producer, topic, good[-1]))
    return Poisoned(good, meant, sent, places)


async def _write(producer: Any, topic: str, record: RawRecord) -> Any:
    headers = list(record.headers.items())
    return await producer.send(topic, record.value, key=record.key, headers=headers, partition=0)


async def _cases(city: City, group: str) -> list[str]:
    connection = await asyncpg.connect(city.stack.database_url(group))
    try:
        return [str(UUID(bytes=row[0].bytes)) for row in await connection.fetch(CASES_OF_GROUP[group])]
    finally:
        await connection.close()


def _is_about(letter: Parked, *, topic: str, group: str, offset: int) -> bool:
    wanted = {"topic": topic, "group": group, "partition": "0", "offset": str(offset)}
    return wanted.items() <= letter.why.items()


def _name(letters: Sequence[Parked], topic: str, group: str, offset: int) -> str:
    return next(letter.name for letter in letters if _is_about(letter, topic=topic, group=group, offset=offset))


def _mend(sent: RawRecord, meant: RawRecord) -> Mend:
    """What a person changes so that the record says what was meant."""
    headers = {
        name: (value or b"").decode() for name, value in meant.headers.items() if sent.headers.get(name) != value
    }
    return Mend(meant.value if sent.value != meant.value else None, headers)
