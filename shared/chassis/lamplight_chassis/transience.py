"""Is this failure one that may pass by itself?"""

from __future__ import annotations

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from lamplight_chassis.errors import Transient

# PostgreSQL error classes that say "try again": connection, rollback (serialisation, deadlock),
# resources, operator intervention (shutdown, crash, starting up), lock not available.
TRANSIENT_SQLSTATES = ("08", "40", "53", "57P", "55P03")


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed later without a change to its input or to the code."""
    if isinstance(error, Transient | ConnectionError | TimeoutError | PoolTimeout | InterfaceError | OSError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _has_transient_state(error.orig)
    return isinstance(error, asyncpg.InterfaceError) or _has_transient_state(error)


def _has_transient_state(error: BaseException | None) -> bool:
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or ""
    return str(state).startswith(TRANSIENT_SQLSTATES)
