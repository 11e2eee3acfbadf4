"""Is this failure one that may pass by itself?"""

from __future__ import annotations

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from lamplight_chassis.errors import Transient

# PostgreSQL error classes that say "try again": connection, rollback (serialisation, deadlock),
# resources, operator intervention (shutdown, crash, starting up), lock not available.
TRANSIENT_SQLSTATES = ("08", "40", "53", "57P", "55P03")

# The driver has one error for every wrong use of itself, and for a connection that was lost: only its text tells them.
LOST_CONNECTION = ("connection is closed", "connection has been released back to the pool", "pool is clos")

# What a wrong path or missing right looks like is no outage.
LASTING_OS_ERRORS = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed later without a change to its input or to the code."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    cause = _driver_error(error)
    if isinstance(cause, (ValueError, TypeError, *LASTING_OS_ERRORS)):
        return False  # the driver refused a value before it sent anything: it will refuse it again
    if isinstance(cause, Transient | ConnectionError | TimeoutError | PoolTimeout | OSError):
        return True
    return _has_lost_connection(cause) or _has_transient_state(cause)


def _driver_error(error: BaseException) -> BaseException:
    """The error under the toolkit's own."""
    if not isinstance(error, DBAPIError) or error.orig is None:
        return error
    return error.orig.__cause__ or error.orig


def _has_lost_connection(error: BaseException) -> bool:
    return isinstance(error, asyncpg.InterfaceError) and any(lost in str(error) for lost in LOST_CONNECTION)


def _has_transient_state(error: BaseException | None) -> bool:
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or ""
    return str(state).startswith(TRANSIENT_SQLSTATES)
