"""Which moves may a case make, and what must they carry?

The whole life of a case is the table `TRANSITIONS`; every pair of a state and a move that is not in it is refused.
Who may order a move over HTTP is a matter of `data/rights.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lamplight_chassis.errors import Rejected
from lamplight_events.vocabulary import CaseState


class Move(StrEnum):
    """What can be done to a case; each move is told by exactly one event."""

    REPORT = "report"
    JOIN = "join"
    SETTLE = "settle"
    FILE = "file"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    RESOLVE = "resolve"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    Arguments:
        sources: the states it may start from; empty for the move that opens a case.
        target: the state after it; None for a move that leaves the case where it stands.
        carries: what the move must bring along, by field name.
        actors: who makes it, in words for the reader; nothing here checks them.
    """

    sources: frozenset[CaseState]
    target: CaseState | None
    carries: tuple[str, ...]
    actors: str


OPEN_STATES = frozenset(CaseState) - {CaseState.CLOSED}

TRANSITIONS: Mapping[Move, Transition] = {
    Move.REPORT: Transition(frozenset(), CaseState.REPORTED, ("report_id",), "ReportReceived with a new case"),
    Move.JOIN: Transition(OPEN_STATES, None, ("report_id",), "ReportReceived with a known case"),
    Move.SETTLE: Transition(
        frozenset({CaseState.REPORTED}), CaseState.SELF_HANDLED, ("outcome",), "a patrol, on the spot"
    ),
    Move.FILE: Transition(
        frozenset({CaseState.REPORTED}), CaseState.PENDING_DISPATCH, ("filing_condition",), "acceptor or rule"
    ),
    Move.DISPATCH: Transition(
        frozenset({CaseState.PENDING_DISPATCH}), CaseState.DISPATCHED, ("unit_id", "rule_id"), "engine or dispatcher"
    ),
    Move.ACCEPT: Transition(frozenset({CaseState.DISPATCHED}), CaseState.HANDLING, (), "the assignee"),
    Move.RESOLVE: Transition(frozenset({CaseState.HANDLING}), CaseState.CHECKING, ("opinion",), "the assignee"),
    Move.CLOSE: Transition(
        frozenset({CaseState.CHECKING, CaseState.SELF_HANDLED}),
        CaseState.CLOSED,
        ("closing_condition",),
        "check or audit, by rule or person",
    ),
}


def target_of(move: Move, state: CaseState | None) -> CaseState:
    """The state after a move; `None` is the state of a case that does not exist yet.

    Raises:
        Rejected: the table has no such row.
    """
    transition = TRANSITIONS[move]
    allowed = not transition.sources if state is None else state in transition.sources
    after = transition.target or state
    if not allowed or after is None:
        wanted = ", ".join(sorted(transition.sources)) or "no case at all"
        raise Rejected("wrong_state", f"cannot {move} a case that is {state or 'not there'}; it takes {wanted}")
    return after
