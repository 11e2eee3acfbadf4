"""What is killed when, and for how long does it stay away?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

FIRST_KILL_S = 3.0
GAP_S = (0.8, 5.0)
AWAY_S = (0.2, 3.0)


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill -9: so many seconds after the kill before, and the pause until the target is started again."""

    target: str
    after_s: float
    away_s: float


def plan_kills(targets: Sequence[str], *, kills: int, seed: int) -> list[Kill]:
    """So many kills, the same for the same seed.

    Targets are dealt like cards, deck after deck, so that even a short run kills each of them.
    """
    dice = random.Random(f"kills {seed}")
    dealt: list[str] = []
    while len(dealt) < kills:
        dealt += dice.sample(targets, k=len(targets))
    return [
        Kill(target, FIRST_KILL_S if number == 0 else dice.uniform(*GAP_S), dice.uniform(*AWAY_S))
        for number, target in enumerate(dealt[:kills])
    ]
