"""Which topics exist, what is in them, who writes and who reads them?"""

from __future__ import annotations

from dataclasses import dataclass

from lamplight_events.alerts import AlertDelivered, AlertFailed
from lamplight_events.cases import (
    CaseAccepted,
    CaseClosed,
    CaseDispatched,
    CaseFiled,
    CaseReported,
    CaseReportJoined,
    CaseResolved,
    CaseSelfHandled,
)
from lamplight_events.event import Event
from lamplight_events.reports import ReportReceived

DAY_S = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Topic:
    """One row of the topic table; topics are created from it and from nothing else."""

    name: str
    key: str
    events: tuple[type[Event], ...]
    partitions: int
    retention_s: int
    producers: tuple[str, ...]
    consumers: tuple[str, ...]


REPORTS = Topic(
    name="grid.reports",
    key="case id",
    events=(ReportReceived,),
    partitions=6,
    retention_s=7 * DAY_S,
    producers=("intake",),
    consumers=("dispatch",),
)
CASES = Topic(
    name="grid.cases",
    key="case id",
    events=(
        CaseReported,
        CaseReportJoined,
        CaseSelfHandled,
        CaseFiled,
        CaseDispatched,
        CaseAccepted,
        CaseResolved,
        CaseClosed,
    ),
    partitions=6,
    retention_s=30 * DAY_S,
    producers=("dispatch",),
    consumers=("intake", "notify"),
)
ALERTS = Topic(
    name="grid.alerts",
    key="case id",
    events=(AlertDelivered, AlertFailed),
    partitions=6,
    retention_s=7 * DAY_S,
    producers=("notify",),
    consumers=(),
)
DEAD_LETTERS = Topic(
    name="grid.dead-letters",
    key="original key",
    events=(),
    partitions=3,
    retention_s=30 * DAY_S,
    producers=("intake", "dispatch", "notify"),
    consumers=(),
)

TOPICS = (REPORTS, CASES, ALERTS, DEAD_LETTERS)
TOPIC_OF: dict[type[Event], Topic] = {event: topic for topic in TOPICS for event in topic.events}
EVENT_TYPES: dict[str, type[Event]] = {event.event_type: event for event in TOPIC_OF}
