"""Can a person see what was parked, and send it on its way again?"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence

import pytest

from deploy.local.stack import Stack
from lamplight_chassis.dead_letters import MAX_VALUE_BYTES, letter_from_record
from lamplight_chassis.errors import Rejected
from lamplight_chassis.replay import Mend, NotReplayable, Parked, chosen, parked_in, read_parked, replay
from tests.builders import raw_record
from tests.kafka import a_producer, a_topic_name, create_topics, read_all

HEADERS = (("ce_id", b"seven"), ("none", None), ("dl_note", b"\xff\xfe"))
ADDRESS_OF_NOBODY = "127.0.0.1:1"


def a_letter(
    partition: int = 0, offset: int = 0, *, reason: str = "rude", group: str = "readers", **why: str
) -> Parked:
    told = {"topic": "words", "reason": reason, "group": group, **why}
    return Parked(partition, offset, told, HEADERS, b"key", b"value")


async def parked(stack: Stack, *values: bytes) -> tuple[str, str]:
    """A topic of words, and one of dead letters that came from it; answers both names."""
    words, dead = a_topic_name(), a_topic_name("dead")
    await create_topics(stack.bootstrap_servers, words, dead, max_bytes=2 * 1024 * 1024)
    async with a_producer(stack.bootstrap_servers) as producer:
        for number, value in enumerate(values):
            record = raw_record(value, topic=words, headers=HEADERS, offset=number)
            letter = letter_from_record(record, error=Rejected("rude", "no"), group="readers", topic=dead)
            await producer.send_and_wait(dead, letter.value, key=letter.key, headers=list(letter.headers))
    return words, dead


async def command(stack: Stack, *arguments: str, ends_with: int = 0) -> str:
    """What the command says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "lamplight_chassis.replay", *arguments),
        *("--bootstrap-servers", stack.bootstrap_servers),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == ends_with, said
    return said.decode()


@pytest.mark.parametrize(
    ("names", "reason", "group", "wanted"),
    [
        ((), None, None, ["0:0", "0:1", "1:0"]),
        (("0:1", "9:9"), None, None, ["0:1"]),
        ((), "rude", None, ["0:0", "1:0"]),
        ((), None, "writers", ["1:0"]),
        (("0:0",), "bug", None, []),
    ],
)
def test_those_are_chosen_that_fit_every_wish(
    names: Sequence[str], reason: str | None, group: str | None, wanted: list[str]
) -> None:
    letters = [a_letter(), a_letter(0, 1, reason="bug"), a_letter(1, 0, group="writers")]

    found = chosen(letters, names, reason=reason, group=group)

    assert [letter.name for letter in found] == wanted


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    headers = (("dl_topic", b"words"), ("dl_reason", b"rude"), ("dl_error", b"\xff!"))

    letter = parked_in(raw_record(b"value", headers=(*HEADERS, *headers)))

    assert letter.why == {"topic": "words", "reason": "rude", "error": "\ufffd!"}
    assert letter.headers == HEADERS


@pytest.mark.parametrize(
    ("cut", "mend"),
    [
        ("value", Mend(None, {})),
        ("headers", Mend(b"whole", {})),
        ("value,headers", Mend(None, {"ce_id": "eight"})),
    ],
)
async def test_a_record_that_was_cut_is_not_sent_unless_somebody_says_so(cut: str, mend: Mend) -> None:
    with pytest.raises(NotReplayable, match=r"1:7 has lost a part of its (value|headers)"):
        await replay(ADDRESS_OF_NOBODY, [a_letter(), a_letter(1, 7, cut=cut)], mend)


@pytest.mark.parametrize("mend", [Mend(None, {}), Mend(b"mended", {"ce_id": "7"}, even_cut=True)])
async def test_a_letter_that_holds_nothing_of_its_record_is_never_sent(mend: Mend) -> None:
    with pytest.raises(NotReplayable, match="0:0 holds nothing of its record"):
        await replay(ADDRESS_OF_NOBODY, [a_letter(reason="unreadable")], mend)


async def test_a_letter_that_does_not_say_where_it_came_from_is_not_sent() -> None:
    with pytest.raises(NotReplayable, match="0:0 does not say"):
        await replay(ADDRESS_OF_NOBODY, [parked_in(raw_record(b"value", topic="dead"))], Mend(None, {}))


@pytest.mark.live
@pytest.mark.parametrize(
    ("mend", "sent"), [(Mend(None, {}, even_cut=True), b"x" * MAX_VALUE_BYTES), (Mend(b"whole", {}), b"whole")]
)
async def test_what_is_left_of_a_record_is_sent_on_demand_and_a_mended_one_without_asking(
    stack: Stack, mend: Mend, sent: bytes
) -> None:
    words, dead = await parked(stack, b"x" * (MAX_VALUE_BYTES + 1))
    letters = await read_parked(stack.bootstrap_servers, dead)

    await replay(stack.bootstrap_servers, letters, mend)

    assert [letter.why["cut"] for letter in letters] == ["value"]
    assert [record.value for record in await read_all(stack.bootstrap_servers, words)] == [sent]


@pytest.mark.live
async def test_the_command_refuses_what_was_cut_and_says_how_to_go_on(stack: Stack) -> None:
    words, dead = await parked(stack, b"x" * (MAX_VALUE_BYTES + 1))

    said = await command(stack, "replay", "--reason", "rude", "--topic", dead, ends_with=1)

    assert "has lost a part of its value" in said
    assert "--even-cut" in said
    assert await read_all(stack.bootstrap_servers, words) == []


@pytest.mark.live
async def test_every_dead_letter_is_read_with_its_reason_and_its_record(stack: Stack) -> None:
    words, dead = await parked(stack, b"one", b"two", b"three")

    letters = await read_parked(stack.bootstrap_servers, dead)

    assert sorted(letter.value or b"" for letter in letters) == [b"one", b"three", b"two"]
    assert {letter.why["topic"] for letter in letters} == {words}
    assert {letter.why["reason"] for letter in letters} == {"rude"}
    assert {(letter.key, letter.headers) for letter in letters} == {(b"key", HEADERS)}


@pytest.mark.live
async def test_no_dead_letters_are_an_empty_answer(stack: Stack) -> None:
    _, dead = await parked(stack)

    assert list(await read_parked(stack.bootstrap_servers, dead)) == []


@pytest.mark.live
async def test_a_replayed_record_is_what_it_was_before_it_was_parked(stack: Stack) -> None:
    words, dead = await parked(stack, b"one")
    letters = await read_parked(stack.bootstrap_servers, dead)

    count = await replay(stack.bootstrap_servers, letters, Mend(None, {}))

    [record] = await read_all(stack.bootstrap_servers, words)
    assert count == 1
    assert (record.key, record.value, record.headers) == (b"key", b"one", HEADERS)


@pytest.mark.live
async def test_a_record_is_replayed_with_a_mended_value_and_headers(stack: Stack) -> None:
    words, dead = await parked(stack, b"one")
    letters = await read_parked(stack.bootstrap_servers, dead)

    await replay(stack.bootstrap_servers, letters, Mend(b"mended", {"ce_id": "eight", "none": ""}))

    [record] = await read_all(stack.bootstrap_servers, words)
    assert (record.value, dict(record.headers)) == (b"mended", {"ce_id": b"eight", "dl_note": b"\xff\xfe"})


@pytest.mark.live
async def test_the_command_lists_and_replays(stack: Stack) -> None:
    words, dead = await parked(stack, b"one", b"two")

    listed = [json.loads(line) for line in (await command(stack, "list", "--topic", dead)).splitlines()]
    [second] = [line["letter"] for line in listed if line["value"] == "two"]
    said = await command(stack, "replay", second, "--topic", dead)

    assert {line["reason"] for line in listed} == {"rude"}
    assert said == "1 of 2 dead letters sent again\n"
    assert [record.value for record in await read_all(stack.bootstrap_servers, words)] == [b"two"]
