"""Do users learn when a look pays, however fast the city is?"""

from __future__ import annotations

import random

import pytest

from tests.bench.load.patience import SHORTEST_PAUSE_S, Patience


@pytest.mark.parametrize("usual_s", [0.03, 0.3, 2.0])
def test_three_of_four_first_looks_are_enough_after_a_while(usual_s: float) -> None:
    draw = random.Random(1)
    patience = Patience()
    first_looks = []

    for _ in range(4_000):
        assigned_after_s = usual_s * draw.uniform(0.5, 1.5)
        is_enough = patience.first_look_s >= assigned_after_s
        first_looks.append(is_enough)
        patience.learn(looks=1 if is_enough else 2, waited_s=max(patience.first_look_s, assigned_after_s))

    assert sum(first_looks[1_000:]) / 3_000 == pytest.approx(0.75, abs=0.05)


def test_many_users_who_looked_too_early_at_once_do_not_make_all_wait_longer_than_it_took() -> None:
    patience = Patience()

    for _ in range(500):
        patience.learn(looks=3, waited_s=0.2)

    assert patience.first_look_s == pytest.approx(0.2)


def test_nobody_looks_without_a_pause() -> None:
    patience = Patience()

    for _ in range(2_000):
        patience.learn(looks=1, waited_s=0.0)

    assert patience.first_look_s == patience.next_look_s == SHORTEST_PAUSE_S
