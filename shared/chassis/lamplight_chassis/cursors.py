"""How does a list tell its caller where the next page begins, in a word that nobody has to understand?"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import Field

from lamplight_chassis.errors import Rejected

Place = TypeVar("Place")

Cursor = Annotated[
    str, Field(min_length=1, max_length=64, description="The next_cursor of the page before, as it was given.")
]


def write_cursor(place: bytes) -> str:
    """The word for a place in a list, safe in an address."""
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def read_cursor(cursor: str, read: Callable[[bytes], Place]) -> Place:
    """The place that a cursor stands for; `read` raises ValueError, OverflowError or struct.error for what is none.

    Raises:
        Rejected: it is not a cursor that this list gave out.
    """
    try:
        return read(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, OverflowError, struct.error) as error:
        raise Rejected("bad_cursor", "cursor: must be a next_cursor of an earlier page, as it was given") from error
