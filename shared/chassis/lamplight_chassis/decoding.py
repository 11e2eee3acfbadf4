"""How is a Kafka record handed to the contract, which knows nothing of Kafka's client?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from aiokafka import ConsumerRecord

from lamplight_chassis.clock import Clock
from lamplight_chassis.errors import Rejected
from lamplight_chassis.outbox import KafkaHeaders

MessageT_co = TypeVar("MessageT_co", covariant=True)


class ReadMessage(Protocol[MessageT_co]):
    """The contract's reader: raises ValueError, with `reason` and `detail`, for a record that breaks a rule."""

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
            raise Rejected(getattr(error, "reason", "contract"), getattr(error, "detail", str(error))) from error

    return decode
