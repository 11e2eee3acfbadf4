"""How does the same request, sent twice, get the same answer and take effect once?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from lamplight_chassis.errors import Again, Rejected
from lamplight_chassis.inbox import digest_of

KEY_HEADER = "Idempotency-Key"
MAX_KEY_LENGTH = 128


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's name for one request, and the digest of what it asked for."""

    key: str
    digest: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with, now and every time it is repeated."""

    status: int
    body: bytes
    is_replayed: bool = False


class KeyedRequest(Protocol):
    """A request that may carry a key; without one it takes effect each time it is sent."""

    @property
    def idempotency(self) -> IdempotencyKey | None: ...


Request = TypeVar("Request", bound=KeyedRequest)
Outcome = Answer | Exception
Perform = Callable[[Sequence[Request]], Awaitable[Sequence[Outcome]]]


class KeyRace(Again):
    """Two requests with one key met, in two instances or in a group whose first was refused; one by one they pass."""


def idempotency_table(metadata: MetaData) -> Table:
    """Declare the table of answered requests in a service's metadata."""
    table = Table(
        "idempotency",
        metadata,
        Column("key", Text, primary_key=True),
        Column("digest", BigInteger, nullable=False),
        Column("status", SmallInteger, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    Index("idempotency_created_at", table.c.created_at, postgresql_using="brin")
    return table


def key_of(header: str | None, *, operation: str, body: bytes) -> IdempotencyKey | None:
    """Read an `Idempotency-Key` header.

    Arguments:
        operation: method and path: the same key for another operation is a mistake, not a repetition.

    Raises:
        Rejected: the key is empty, longer than 128 characters, or not printable ASCII.
    """
    if header is None:
        return None
    if not (0 < len(header) <= MAX_KEY_LENGTH and header.isascii() and header.isprintable()):
        raise Rejected(
            "bad_idempotency_key", f"Idempotency-Key must be 1 to {MAX_KEY_LENGTH} printable ASCII characters"
        )
    return IdempotencyKey(header, digest_of(operation.encode() + b"\n" + body))


_STORED = text("SELECT key, digest, status, body FROM idempotency WHERE key = ANY(CAST(:keys AS text[]))")
_STORE = text(
    "INSERT INTO idempotency (key, digest, status, body) SELECT * FROM unnest(CAST(:keys AS text[]), "
    "CAST(:digests AS bigint[]), CAST(:statuses AS smallint[]), CAST(:bodies AS bytea[])) "
    "AS a (key, digest, status, body) ORDER BY key ON CONFLICT DO NOTHING"
)


async def perform_once(
    connection: AsyncConnection, requests: Sequence[Request], perform: Perform[Request]
) -> Sequence[Outcome]:
    """Perform the requests that are new and answer the repeated ones as before, in the caller's transaction.

    Only answers are kept, not refusals: a refused request changed nothing and may be tried again.

    Raises:
        KeyRace: roll back and call again.
    """
    first_of = _first_of_each_key(requests)
    stored = await _stored_answers(connection, list(first_of))
    new = [
        request for request in requests if (key := request.idempotency) is None
        or (key.key not in stored and first_of[key.key] is request)
    ]  # fmt: skip
    outcomes = dict(zip(map(id, new), await perform(new), strict=True)) if new else {}
    for request in new:
        outcome = outcomes[id(request)]
        if request.idempotency is not None and isinstance(outcome, Answer):
            stored[request.idempotency.key] = (request.idempotency.digest, outcome)
    await _store_answers(connection, [request for request in new if request.idempotency], outcomes)
    return [outcomes[id(r)] if id(r) in outcomes else _repeated(r, stored, first_of, outcomes) for r in requests]


def _first_of_each_key(requests: Sequence[Request]) -> dict[str, Request]:
    first: dict[str, Request] = {}
    for request in requests:
        if request.idempotency is not None:
            first.setdefault(request.idempotency.key, request)
    return first


def _repeated(
    request: Request,
    stored: dict[str, tuple[int, Answer]],
    first_of: dict[str, Request],
    outcomes: dict[int, Outcome],
) -> Outcome:
    key = request.idempotency
    assert key is not None
    if key.key not in stored:
        first = first_of[key.key]
        if first.idempotency != key:
            raise KeyRace  # the refusal of another request is no answer to this one, which may well succeed
        return outcomes[id(first)]
    digest, answer = stored[key.key]
    if digest != key.digest:
        return Rejected("idempotency_conflict", "this Idempotency-Key was used before for another request")
    return Answer(answer.status, answer.body, is_replayed=True)


async def _stored_answers(connection: AsyncConnection, keys: Sequence[str]) -> dict[str, tuple[int, Answer]]:
    if not keys:
        return {}
    rows = await connection.execute(_STORED, {"keys": keys})
    return {row.key: (row.digest, Answer(row.status, row.body)) for row in rows}


async def _store_answers(
    connection: AsyncConnection, requests: Sequence[Request], outcomes: dict[int, Outcome]
) -> None:
    answered = [
        (key, answer)
        for request in requests
        if (key := request.idempotency) and isinstance(answer := outcomes[id(request)], Answer)
    ]
    if not answered:
        return
    columns = {
        "keys": [key.key for key, _ in answered],
        "digests": [key.digest for key, _ in answered],
        "statuses": [answer.status for _, answer in answered],
        "bodies": [answer.body for _, answer in answered],
    }
    result = await connection.execute(_STORE, columns)
    if result.rowcount != len(answered):
        raise KeyRace
