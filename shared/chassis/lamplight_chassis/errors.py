"""Which failures are expected: a wrong input, something that is away, somebody who was faster? The rest are bugs."""

from __future__ import annotations

# A sentence for a person; what it speaks of may be a megabyte of garbage.
MAX_DETAIL = 500


class Rejected(Exception):
    """The input is wrong and will stay wrong; `reason` is a stable word for people and metrics."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail[:MAX_DETAIL]
        super().__init__(f"{reason}: {self.detail}")


class Again(Exception):
    """Somebody else was faster: the same transaction, run once more, will see what they did."""


class Transient(Exception):
    """Something that is needed is away for now; the same call may succeed later."""
