"""Which two families of failure are expected? Everything else is a bug."""

from __future__ import annotations


class Rejected(Exception):
    """The input is wrong and will stay wrong; `reason` is a stable word for people and metrics."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Transient(Exception):
    """Something that is needed is away for now; the same call may succeed later."""
