"""How does one request with an Idempotency-Key take effect once, and get the same answer each time?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from lamplight_chassis.database import Database, UnitOfWork
from lamplight_chassis.errors import Again, Rejected
from lamplight_chassis.idempotency import Answer, IdempotencyKey, Outcome, perform_once

# A repetition that overtakes its first would be refused for what the first has done: it waits, and is then answered.
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")

Perform = Callable[[UnitOfWork], Awaitable[Answer | Rejected]]


@dataclass(frozen=True, slots=True)
class _Request:
    idempotency: IdempotencyKey | None


async def perform_keyed(database: Database, key: IdempotencyKey | None, perform: Perform) -> Answer | Rejected:
    """Perform in one transaction, or answer as the first time; a refusal is returned after its audit is committed."""
    while True:  # another call may have used the same key in this moment: the next look finds its answer
        try:
            async with database.transaction() as work:
                if key is not None:
                    await work.connection.execute(_ONE_BY_ONE, {"key": key.key})
                [outcome] = await perform_once(work.connection, [_Request(key)], _alone(work, perform))
        except Again:
            continue
        assert isinstance(outcome, Answer | Rejected)
        return outcome


def _alone(work: UnitOfWork, perform: Perform) -> Callable[[Sequence[_Request]], Awaitable[Sequence[Outcome]]]:
    async def act(_: Sequence[_Request]) -> Sequence[Outcome]:
        return [await perform(work)]

    return act
