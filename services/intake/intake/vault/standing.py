"""How far has a case come, as intake knows it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lamplight_events.vocabulary import CaseState


class Milestone(StrEnum):
    """How far a case has come, in this order; the last one is only ever an end."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    CLOSED = "closed"
    DELETED = "deleted"


ORDER = tuple(Milestone)
ENDED = frozenset({CaseState.CLOSED})
"""The states in which nobody works on a case any more."""

REACHED: Mapping[str, Milestone] = {
    CaseState.REPORTED: Milestone.REPORTED,
    CaseState.PENDING_DISPATCH: Milestone.REPORTED,
    CaseState.DISPATCHED: Milestone.REPORTED,
    CaseState.HANDLING: Milestone.ACCEPTED,
    CaseState.CHECKING: Milestone.DELIVERED,
    CaseState.SELF_HANDLED: Milestone.DELIVERED,
    CaseState.CLOSED: Milestone.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands as intake knows it, who has it, and since when; nothing is known of one not told of yet."""

    state: str = CaseState.REPORTED
    assignee: str | None = None
    changed_at: datetime | None = None

    @property
    def reached(self) -> Milestone:
        """A state that this version does not know gives no courier anything."""
        return REACHED.get(self.state, Milestone.REPORTED)

    @property
    def closed_at(self) -> datetime | None:
        """When the case was closed, None while it is open."""
        return self.changed_at if self.state in ENDED else None


def has_come(reached: Milestone, milestone: Milestone) -> bool:
    """Whether a case that has come so far has passed a milestone."""
    return ORDER.index(reached) >= ORDER.index(milestone)
