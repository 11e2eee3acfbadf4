"""When is each request of an open loop due, whatever became of the ones before it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """A fixed rate over a fixed time, laid down before the first request is sent.

    A closed loop waits for an answer before it asks again, so it asks least while the system is slowest and never
    sees what its absence spared (coordinated omission). Here a stall delays nothing but the sending: each time is
    measured from the moment the request was due.
    """

    rate_per_s: float
    duration_s: float

    def __post_init__(self) -> None:
        if self.rate_per_s <= 0:
            raise ValueError(f"rate_per_s: must be above 0, not {self.rate_per_s}")
        if self.duration_s <= 0:
            raise ValueError(f"duration_s: must be above 0, not {self.duration_s}")

    def __len__(self) -> int:
        return round(self.rate_per_s * self.duration_s)

    def due_times_s(self) -> Iterator[float]:
        """Seconds after the start at which each request is due, evenly spaced, the first at once."""
        return (number / self.rate_per_s for number in range(len(self)))
