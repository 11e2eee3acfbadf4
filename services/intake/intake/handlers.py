"""What does intake do when dispatch tells of a case?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from intake.store import StatusBoard
from lamplight_chassis.database import UnitOfWork
from lamplight_chassis.errors import Rejected
from lamplight_events.cases import CaseEvent
from lamplight_events.event import Event
from lamplight_events.messages import Message
from lamplight_events.topics import CASES

Handler = Callable[[CaseEvent, StatusBoard], None]


def on_case_changed(event: CaseEvent, board: StatusBoard) -> None:
    """Show the case's new state to those who reported it."""
    board.note(event)


HANDLERS: Mapping[type[Event], Handler] = dict.fromkeys(CASES.events, on_case_changed)


async def handle_cases(work: UnitOfWork, messages: Sequence[Message]) -> Sequence[tuple[Message, Rejected]]:
    """Give a batch of case events its effect inside the transaction; a status board refuses nothing."""
    board = StatusBoard(work)
    for message in messages:
        if isinstance(message.event, CaseEvent):
            HANDLERS[type(message.event)](message.event, board)
    await board.save()
    return ()
