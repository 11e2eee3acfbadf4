"""What is an event of this system, before it is put on the wire?"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """A fact in the past tense: frozen, strictly typed, and open to fields that a later producer adds."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, ser_json_inf_nan="strings")

    event_type: ClassVar[str]
    """The CloudEvents type, written out so that renaming a class never changes the wire."""

    @property
    @abstractmethod
    def key(self) -> UUID:
        """The aggregate whose events stay in order: the Kafka key and the CloudEvents subject."""
