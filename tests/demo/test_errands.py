"""Does every report get a course of orders that dispatch accepts, within its act?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

import pytest

from deploy.demo.errands import COURSES, SETTLED_COURSES, Order, errands_for, order_body
from deploy.demo.pacing import REPORTING_SHARE, ActName
from dispatch.orders import AcceptForm, CloseForm, ResolveForm
from lamplight_chassis.forms import Form
from lamplight_events.vocabulary import Outcome

FORMS: Mapping[Order, type[Form]] = {Order.ACCEPT: AcceptForm, Order.RESOLVE: ResolveForm, Order.CLOSE: CloseForm}


def drawn(outcome: str | None, act: ActName = ActName.NOON, times: int = 2000) -> Counter[tuple[Order, ...]]:
    dice = random.Random(1)
    return Counter(
        tuple(errand.order for errand in errands_for(outcome, act=act, length_s=60, dice=dice)) for _ in range(times)
    )


def test_what_the_squadron_is_handed_comes_to_every_state_and_mostly_to_its_end() -> None:
    courses = drawn(Outcome.REFUSED)

    assert courses.keys() == COURSES[ActName.NOON].keys()
    assert courses[Order.ACCEPT, Order.RESOLVE, Order.CLOSE] > 1200


@pytest.mark.parametrize("outcome", [Outcome.PERSUADED, Outcome.EDUCATED])
def test_what_was_settled_on_the_spot_is_at_most_closed(outcome: Outcome) -> None:
    assert drawn(outcome).keys() == SETTLED_COURSES.keys()


def test_shares_are_percentages() -> None:
    assert {sum(shares.values()) for shares in (*COURSES.values(), SETTLED_COURSES)} == {100}


def test_the_last_report_can_be_closed_before_its_act_ends() -> None:
    dice = random.Random(2)

    slowest_s = max(
        sum(errand.after_s for errand in errands_for(None, act=ActName.SAN_DIEGO, length_s=60, dice=dice))
        for _ in range(2000)
    )

    assert slowest_s <= 60 * (1 - REPORTING_SHARE)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("unit_id", ["squadron_yuanhe", None])
def test_dispatch_understands_every_order(order: Order, unit_id: str | None) -> None:
    FORMS[order].model_validate(order_body(order, unit_id=unit_id))


def test_the_unit_accepts_and_the_command_centre_closes() -> None:
    assert order_body(Order.ACCEPT, unit_id="squadron_yuanhe")["actor"] == "squadron_yuanhe"
    assert order_body(Order.CLOSE, unit_id="squadron_yuanhe")["actor"] == "command_centre"
