"""What does notify do when dispatch tells of a case?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from lamplight_chassis.clock import Clock, NewId
from lamplight_chassis.database import UnitOfWork
from lamplight_chassis.errors import Rejected
from lamplight_events.event import Event
from lamplight_events.messages import Message
from lamplight_events.topics import CASES
from notify.alerts import Alert, alerts_from
from notify.store import save_alerts

Handler = Callable[[Message, Clock, NewId], Sequence[Alert]]
Refusals = Sequence[tuple[Message, Rejected]]


def on_case_changed(message: Message, now: Clock, new_id: NewId) -> Sequence[Alert]:
    """Alert everyone who must know of the change."""
    return alerts_from(message, new_id=new_id, now=now())


HANDLERS: Mapping[type[Event], Handler] = dict.fromkeys(CASES.events, on_case_changed)


def case_handler(
    *, now: Clock, new_id: NewId, on_alerts: Callable[[Sequence[Alert]], None]
) -> Callable[[UnitOfWork, Sequence[Message]], Awaitable[Refusals]]:
    """What the consumer of `grid.cases` calls with each batch; `on_alerts` is called after the commit."""

    async def handle(work: UnitOfWork, messages: Sequence[Message]) -> Refusals:
        alerts = [a for message in messages for a in HANDLERS[type(message.event)](message, now, new_id)]
        await save_alerts(work, alerts, new_id=new_id)
        if alerts:
            work.after_commit(lambda: on_alerts(alerts))
        return ()

    return handle
