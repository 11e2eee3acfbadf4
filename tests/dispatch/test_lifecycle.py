"""Does a case make exactly the moves of the table, each carrying what it must?"""

from __future__ import annotations

from itertools import product

import pytest

from dispatch.lifecycle import TRANSITIONS, Move, target_of
from lamplight_chassis.errors import Rejected
from lamplight_events.vocabulary import CaseState

# Written out by hand, so that a slip in the table is seen: (move, from) → to.
ALLOWED: dict[tuple[Move, CaseState | None], CaseState] = {
    (Move.REPORT, None): CaseState.REPORTED,
    (Move.SETTLE, CaseState.REPORTED): CaseState.SELF_HANDLED,
    (Move.FILE, CaseState.REPORTED): CaseState.PENDING_DISPATCH,
    (Move.DISPATCH, CaseState.PENDING_DISPATCH): CaseState.DISPATCHED,
    (Move.ACCEPT, CaseState.DISPATCHED): CaseState.HANDLING,
    (Move.RESOLVE, CaseState.HANDLING): CaseState.CHECKING,
    (Move.CLOSE, CaseState.CHECKING): CaseState.CLOSED,
    (Move.CLOSE, CaseState.SELF_HANDLED): CaseState.CLOSED,
    (Move.JOIN, CaseState.REPORTED): CaseState.REPORTED,
    (Move.JOIN, CaseState.SELF_HANDLED): CaseState.SELF_HANDLED,
    (Move.JOIN, CaseState.PENDING_DISPATCH): CaseState.PENDING_DISPATCH,
    (Move.JOIN, CaseState.DISPATCHED): CaseState.DISPATCHED,
    (Move.JOIN, CaseState.HANDLING): CaseState.HANDLING,
    (Move.JOIN, CaseState.CHECKING): CaseState.CHECKING,
}
EVERY_PAIR = list(product(Move, (None, *CaseState)))
REFUSED = [pair for pair in EVERY_PAIR if pair not in ALLOWED]


@pytest.mark.parametrize(("move", "state"), ALLOWED, ids=str)
def test_a_move_of_the_table_leads_where_it_says(move: Move, state: CaseState | None) -> None:
    assert target_of(move, state) is ALLOWED[move, state]


@pytest.mark.parametrize(("move", "state"), REFUSED, ids=str)
def test_every_other_move_is_refused_and_names_both(move: Move, state: CaseState | None) -> None:
    with pytest.raises(Rejected) as refusal:
        target_of(move, state)

    assert refusal.value.reason == "wrong_state"
    assert f"cannot {move} a case" in refusal.value.detail
    assert str(state or "not there") in refusal.value.detail


def test_every_state_can_be_reached_and_every_state_but_the_last_can_be_left() -> None:
    moving = [transition for transition in TRANSITIONS.values() if transition.target is not None]
    reached = {transition.target for transition in moving}
    left = set().union(*(transition.sources for transition in moving))

    assert reached == set(CaseState)
    assert left == set(CaseState) - {CaseState.CLOSED}


def test_every_move_has_its_row() -> None:
    assert set(TRANSITIONS) == set(Move)
