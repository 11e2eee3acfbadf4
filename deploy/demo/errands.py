"""What is done about a report after it came in: who accepts, who resolves, what is closed while one watches?"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from deploy.demo.pacing import ActName
from lamplight_events.vocabulary import SETTLED_OUTCOMES, Outcome

COMMAND_CENTRE = "command_centre"

SHORTEST_WAIT, LONGEST_WAIT = 0.03, 0.1
"""How long somebody takes for one order, as a share of the act: three of them fit in after the last report."""


class Order(StrEnum):
    """The calls that move a case, by their names in dispatch's API."""

    ACCEPT = "accept"
    RESOLVE = "resolve"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Errand:
    """One order, and how many seconds after the step before it is given."""

    order: Order
    after_s: float


Course = tuple[Order, ...]

DISPATCHED: Course = ()
ACCEPTED: Course = (Order.ACCEPT,)
RESOLVED: Course = (Order.ACCEPT, Order.RESOLVE)
CLOSED: Course = (Order.ACCEPT, Order.RESOLVE, Order.CLOSE)
AUDITED: Course = (Order.CLOSE,)

COURSES: Mapping[ActName, Mapping[Course, int]] = {
    ActName.NOON: {DISPATCHED: 5, ACCEPTED: 10, RESOLVED: 10, CLOSED: 75},
    ActName.SAN_DIEGO: {DISPATCHED: 15, ACCEPTED: 20, RESOLVED: 15, CLOSED: 50},
}
"""How far the cases of each act come that went to a unit, in percent."""

SETTLED_COURSES: Mapping[Course, int] = {DISPATCHED: 85, AUDITED: 15}
"""What was settled on the spot needs nobody; the centre audits and closes a part of it."""


def errands_for(outcome: str | None, *, act: ActName, length_s: float, dice: random.Random) -> Sequence[Errand]:
    """Draw what is done about one report.

    Arguments:
        outcome: what a patrol reached on the spot; None for everybody else's reports.
        length_s: of the act, which the waits are a share of.
    """
    is_settled = outcome is not None and Outcome(outcome) in SETTLED_OUTCOMES
    courses = SETTLED_COURSES if is_settled else COURSES[act]
    (course,) = dice.choices(list(courses), weights=list(courses.values()))
    return [Errand(order, length_s * dice.uniform(SHORTEST_WAIT, LONGEST_WAIT)) for order in course]


def order_body(order: Order, *, unit_id: str | None) -> dict[str, str]:
    """What is sent with an order: the unit speaks for itself, the command centre closes."""
    match order:
        case Order.ACCEPT:
            return {"actor": unit_id or COMMAND_CENTRE}
        case Order.RESOLVE:
            return {"actor": unit_id or COMMAND_CENTRE, "opinion": "现场已处置完毕。"}
        case Order.CLOSE:
            condition = "cleared" if unit_id else "settled_on_the_spot"
            return {"actor": COMMAND_CENTRE, "closing_condition": condition, "opinion": "经核查，予以结案。"}
