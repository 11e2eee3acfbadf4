"""How is a Kafka record handed to the contract, which knows nothing of Kafka's client?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol, TypeVar

from aiokafka import ConsumerRecord

from lamplight_chassis.clock import Clock
from lamplight_chassis.errors import Rejected
from lamplight_chassis.outbox import KafkaHeaders

TYPE_HEADER = "ce_type"  # CloudEvents, Kafka protocol binding

MessageT_co = TypeVar("MessageT_co", covariant=True)


class ReadMessage(Protocol[MessageT_co]):
    """The contract's reader: raises a ValueError with `reason` and `detail` for a record that breaks a rule."""

    def __call__(
        self, *, topic: str, key: bytes | None, headers: KafkaHeaders, value: bytes | None, now: datetime
    ) -> MessageT_co: ...


def contract_decoder(
    read: ReadMessage[MessageT_co], *, now: Clock
) -> Callable[[ConsumerRecord[bytes, bytes]], MessageT_co]:
    """Turn the contract's reader into what a consumer needs."""

    def decode(record: ConsumerRecord[bytes, bytes]) -> MessageT_co:
        try:
            return read(topic=record.topic, key=record.key, headers=record.headers, value=record.value, now=now())
        except ValueError as error:
            reason, detail = getattr(error, "reason", None), getattr(error, "detail", None)
            if isinstance(reason, str) and isinstance(detail, str):
                raise Rejected(reason, detail) from error
            raise  # no word of the contract: a bug in the reader

    return decode


def all_types_but(ignored: Collection[str]) -> Callable[[ConsumerRecord[bytes, bytes]], bool]:
    """A rule that passes over events of the types which are known to matter to nobody here; anything else is read."""
    values = frozenset(event_type.encode() for event_type in ignored)

    def is_wanted(record: ConsumerRecord[bytes, bytes]) -> bool:
        return not any(name == TYPE_HEADER and value in values for name, value in record.headers)

    return is_wanted
