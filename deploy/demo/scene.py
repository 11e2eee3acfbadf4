"""What is there to be seen at one moment of the demo?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from deploy.demo.alerts import Alert
from deploy.demo.pacing import ActName
from deploy.demo.stopwatch import Latency
from lamplight_events.vocabulary import CaseState, Outcome


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of something is done."""

    done: int = 0
    total: int = 0

    @property
    def share(self) -> float:
        """From 0 to 1; nothing to do is all done."""
        return min(1.0, self.done / self.total) if self.total else 1.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Throughput over the last seconds, from the services' metrics."""

    reports_per_s: float = 0.0
    events_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A case on the map."""

    case_id: str
    longitude_deg: float
    latitude_deg: float
    state: CaseState
    category: str
    zone: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the services showed when they were last asked.

    Arguments:
        outcomes: what patrols reached on the spot, by intake's metrics.
        ready: whether each service can do all of its work, by name.
    """

    rates: Rates = Rates()
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    ready: Mapping[str, bool] = field(default_factory=dict)
    dots: Sequence[Dot] = ()

    @property
    def states(self) -> Mapping[CaseState, int]:
        """How many cases are in each state."""
        return Counter(dot.state for dot in self.dots)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a view shows.

    Arguments:
        act: which one is played; None before, between and after them.
        reports: sent so far, by act.
        orders: accepted, resolved and closed so far.
        alert_count: how many alerts came over the stream.
        alerts: the newest ones, newest first.
    """

    act: ActName | None
    elapsed_s: float
    reports: Mapping[ActName, Progress]
    orders: Progress
    seen: Seen
    latency: Latency | None
    alert_count: int
    alerts: Sequence[Alert]
