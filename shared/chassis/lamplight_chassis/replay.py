"""How does a person see what was parked, and send it on its way again?

`list` shows dead letters; `replay` sends chosen ones back to the topic they came from, as they were or with a mended
value or header. A record that was cut to fit into its letter is sent only with a whole value, or with `--even-cut`.
Other groups that handled the record before tell it by its event id and skip it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from lamplight_chassis.dead_letters import PREFIX, split_headers
from lamplight_chassis.kafka import MAX_REQUEST_BYTES

READ_TIMEOUT_MS = 1_000


@dataclass(frozen=True, slots=True)
class Parked:
    """One dead letter: where it lies, what it says of itself, and the original record."""

    partition: int
    offset: int
    why: dict[str, str]
    headers: tuple[tuple[str, bytes | None], ...]
    key: bytes | None
    value: bytes | None

    @property
    def name(self) -> str:
        """How a person names it: partition and offset in the topic of dead letters."""
        return f"{self.partition}:{self.offset}"


@dataclass(frozen=True, slots=True)
class Mend:
    """What is changed before a record is sent again.

    Arguments:
        headers: new values by name; an empty value removes the header.
        even_cut: send what is left of a record that was cut.
    """

    value: bytes | None
    headers: dict[str, str]
    even_cut: bool = False


class NotReplayable(Exception):
    """A letter that would not send what was parked, or does not say where to; nothing was sent."""


async def read_parked(bootstrap_servers: str, topic: str) -> Sequence[Parked]:
    """All dead letters that the topic still keeps, oldest first in each partition."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[Parked] = []
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            batches = await consumer.getmany(timeout_ms=READ_TIMEOUT_MS)
            found += [parked_in(record) for records in batches.values() for record in records]
        return found
    finally:
        await consumer.stop()


async def replay(bootstrap_servers: str, letters: Sequence[Parked], mend: Mend) -> int:
    """Send records back to the topics they came from; returns how many were acknowledged.

    Raises:
        NotReplayable: a letter has lost a part of its record, and the mend does not make up for it.
    """
    for letter in letters:
        _require_whole(letter, mend)
    async with _producer(bootstrap_servers) as producer:
        for letter in letters:
            value = letter.value if mend.value is None else mend.value
            headers = _mended(letter.headers, mend.headers)
            await producer.send_and_wait(letter.why["topic"], value, key=letter.key or None, headers=headers)
    return len(letters)


def chosen(
    letters: Sequence[Parked], names: Sequence[str], *, reason: str | None, group: str | None
) -> Sequence[Parked]:
    """Those that are named, or all when none is; of these, those with the reason and group."""
    return [
        letter
        for letter in letters
        if (not names or letter.name in names)
        and reason in (None, letter.why.get("reason"))
        and group in (None, letter.why.get("group"))
    ]


def parked_in(record: ConsumerRecord[bytes, bytes]) -> Parked:
    """The letter in a record of the topic of dead letters; bytes that are no text are shown as such."""
    headers, ours = split_headers(record.headers)
    why = {name.removeprefix(PREFIX): (value or b"").decode("utf-8", "replace") for name, value in ours}
    return Parked(record.partition, record.offset, why, tuple(headers), record.key, record.value)


def _require_whole(letter: Parked, mend: Mend) -> None:
    if letter.why.get("reason") == "unreadable":
        raise NotReplayable(f"{letter.name} holds nothing of its record: Kafka's client could not read it")
    if not letter.why.get("topic"):
        raise NotReplayable(f"{letter.name} does not say which topic it came from")
    lost = [part for part in letter.why.get("cut", "").split(",") if part and (part != "value" or mend.value is None)]
    if lost and not mend.even_cut:
        raise NotReplayable(f"{letter.name} has lost a part of its {' and '.join(lost)}: it was too large for a letter")


def _mended(headers: Sequence[tuple[str, bytes | None]], changes: dict[str, str]) -> list[tuple[str, bytes | None]]:
    kept: list[tuple[str, bytes | None]] = [(name, value) for name, value in headers if name not in changes]
    return kept + [(name, value.encode()) for name, value in changes.items() if value]


@asynccontextmanager
async def _producer(bootstrap_servers: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers, acks="all", enable_idempotence=True, max_request_size=MAX_REQUEST_BYTES
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


def _show(letters: Sequence[Parked]) -> None:
    for letter in letters:
        line = {"letter": letter.name, **letter.why, "value": (letter.value or b"")[:200].decode("utf-8", "replace")}
        sys.stdout.write(orjson.dumps(line).decode() + "\n")


def _header(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not name=value")
    return name, value


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lamplight_chassis.replay", description=__doc__)
    parser.add_argument("command", choices=("list", "replay"))
    parser.add_argument("letters", nargs="*", metavar="PARTITION:OFFSET", help="which ones; all of a reason or group")
    parser.add_argument("--bootstrap-servers", default="127.0.0.1:9092")
    parser.add_argument("--topic", required=True, help="the topic of dead letters")
    parser.add_argument("--reason", help="only those with this reason")
    parser.add_argument("--group", help="only those that this group parked")
    parser.add_argument("--value-file", type=Path, help="send this instead of the parked value")
    parser.add_argument("--header", type=_header, action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--even-cut", action="store_true", help="send also what is left of a record that was cut")
    arguments = parser.parse_args()
    if arguments.command == "replay" and not (arguments.letters or arguments.reason or arguments.group):
        parser.error("replay needs to know which: name letters, or give --reason or --group")
    return arguments


async def _main() -> None:
    arguments = _arguments()
    found = await read_parked(arguments.bootstrap_servers, arguments.topic)
    letters = chosen(found, arguments.letters, reason=arguments.reason, group=arguments.group)
    if arguments.command == "list":
        _show(letters)
        return
    value = arguments.value_file.read_bytes() if arguments.value_file else None
    mend = Mend(value, dict(arguments.header), arguments.even_cut)
    try:
        count = await replay(arguments.bootstrap_servers, letters, mend)
    except NotReplayable as error:
        sys.exit(f"{error}; nothing was sent. Give --value-file, or --even-cut to send what is left.")
    sys.stdout.write(f"{count} of {len(found)} dead letters sent again\n")


if __name__ == "__main__":
    asyncio.run(_main())
