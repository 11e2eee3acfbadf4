"""What is a thing that a caller fills in?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


class Form(BaseModel):
    """A request body: unknown fields are refused, and nothing is converted behind the caller's back."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Query(BaseModel):
    """What stands behind the question mark: texts by nature, so they are converted; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain the NUL character")
    return text


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be a time that exists in UTC") from error


Time = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment, in UTC whatever zone it was written in."""

Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
"""The name of a team, role, unit or code: no place for a person's name or a phone number to slip in unseen."""

Text = Annotated[str, AfterValidator(_without_nul)]
"""Any text that a database can keep."""
