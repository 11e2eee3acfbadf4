"""Which closed lists of words do events and APIs share?"""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """The channel a report came through."""

    PATROL = "patrol"
    COURIER_SENTINEL = "courier_sentinel"
    RESIDENT_WEB = "resident_web"
    HOTLINE_12345 = "hotline_12345"
    CONTACT_DAY = "contact_day"
    BEGONIA_WISH_BOX = "begonia_wish_box"
    HEART_BRIDGE = "heart_bridge"
    COUNTER = "counter"
    FORUM = "forum"
    GRID_WORKER = "grid_worker"
    OPEN311 = "open311"
    CITY_PLATFORM = "city_platform"
    SENSOR = "sensor"


class Outcome(StrEnum):
    """What a patrol reached on the spot; patrols persuade and record, they never punish."""

    PERSUADED = "persuaded"
    EDUCATED = "educated"
    REFUSED = "refused"
    GONE = "gone"


SETTLED_OUTCOMES = frozenset({Outcome.PERSUADED, Outcome.EDUCATED})


class CaseState(StrEnum):
    """Where a case stands on its main line."""

    REPORTED = "reported"
    SELF_HANDLED = "self_handled"
    PENDING_DISPATCH = "pending_dispatch"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    CHECKING = "checking"
    CLOSED = "closed"
