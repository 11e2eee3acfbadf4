"""What is an event of this system, before it is put on the wire?"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be a time that exists in UTC") from error


Time = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment, in UTC whatever zone it was written in."""

_HAS_PASSED = object()

PastTime = Annotated[Time, _HAS_PASSED]
"""A moment at which something became true: it cannot lie ahead, unlike a deadline."""

CaseId = Annotated[UUID, Field(description="The matter to solve; it is the Kafka key.")]
ReportId = Annotated[UUID, Field(description="What one person or system told us once.")]


class Event(BaseModel):
    """A fact in the past tense: frozen, strictly typed, and open to fields that a later producer adds."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, ser_json_inf_nan="strings")

    event_type: ClassVar[str]
    """The CloudEvents type, written out so that renaming a class never changes the wire."""

    @property
    @abstractmethod
    def key(self) -> UUID:
        """The aggregate whose events stay in order: the Kafka key and the CloudEvents subject."""


@cache
def past_times_of(event_class: type[Event]) -> Sequence[str]:
    """The fields of an event that say when something became true."""
    return tuple(name for name, field in event_class.model_fields.items() if _HAS_PASSED in field.metadata)
