"""Which unknown numbers of the parameters does a pair of reports touch, and how strongly?

One column per number that is fitted. The curves stand in steps from knot to knot, so that a bound of 0 keeps them
falling or rising; `fit.points_of` turns the fitted steps back into points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from intake.duplicates.addresses import AddressMatch
from tests.bench.duplicates.pairs import TwoReports

Floats = npt.NDArray[np.float64]

DISTANCE_KNOTS_M = (0.0, 2.0, 5.0, 10.0, 20.0, 35.0, 60.0, 100.0, 160.0)
GAP_KNOTS_MIN = (0.0, 3.0, 10.0, 30.0, 60.0, 240.0, 720.0, 1440.0, 2880.0, 5760.0, 10080.0)
TEXT_KNOTS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0)
LEAST_PAIRS_OF_HABIT = 10
LEAST_LINKS_OF_PAIR = 3
FALLS, RISES, FREE = (None, 0.0), (0.0, None), (None, None)
Bound = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Names:
    """The categories with a habit of their own, and the unlike pairs that the city took for each other."""

    habits: Sequence[str]
    pairs: Sequence[frozenset[str]]


@dataclass(frozen=True, slots=True)
class Columns:
    """One row per pair, and per column its name, how much it is held to 0, and on which side it must stay."""

    matrix: Floats
    names: Sequence[str]
    pull: Floats
    bounds: Sequence[Bound]


def learn_names(pairs: Sequence[TwoReports]) -> Names:
    """Only what has been seen often enough."""
    habits = Counter(pair.new.category for pair in pairs if pair.new.category == pair.old.category)
    unlike = [pair for pair in pairs if pair.new.category != pair.old.category and pair.is_linked]
    links = Counter(frozenset((pair.new.category, pair.old.category)) for pair in unlike)
    return Names(
        sorted(name for name, count in habits.items() if count >= LEAST_PAIRS_OF_HABIT),
        sorted((pair for pair, count in links.items() if count >= LEAST_LINKS_OF_PAIR), key=sorted),
    )


def columns_of(pairs: Sequence[TwoReports], names: Names) -> Columns:
    """The whole table."""
    distance = np.array([pair.likeness.distance_m for pair in pairs])
    gap = np.array([pair.likeness.gap_min for pair in pairs])
    alike = np.array([np.nan if pair.text_similarity is None else pair.text_similarity for pair in pairs])
    has_both = ~np.isnan(alike)
    is_any = np.array([bool(pair.new.text or pair.old.text) for pair in pairs])
    is_same = np.array([pair.new.category == pair.old.category for pair in pairs])
    table = _Table()
    table.add("base", np.ones(len(pairs)), pull=0.0)
    table.add_all("distance_m", _steps(distance, DISTANCE_KNOTS_M), pull=0.3, bound=FALLS)
    table.add_all("gap_min", _steps(gap, GAP_KNOTS_MIN), pull=0.3, bound=FREE)
    table.add("text_first", has_both.astype(float), pull=0.5)
    table.add_all("text", _steps(np.nan_to_num(alike), TEXT_KNOTS) * has_both[:, None], pull=0.5, bound=RISES)
    table.add("only_one", (~has_both & is_any).astype(float), pull=0.5)
    for match in (AddressMatch.SAME_HOUSE, AddressMatch.SAME_STREET, AddressMatch.OTHER_STREET):
        table.add(match, np.array([pair.likeness.address is match for pair in pairs], float), pull=1.0)
    table.add("same", is_same.astype(float), pull=0.1)
    _add_unlike(table, pairs, names)
    _add_habits(table, pairs, names, np.log1p(distance), np.log1p(gap))
    return table.built()


class _Table:
    def __init__(self) -> None:
        self._columns: list[Floats] = []
        self._names: list[str] = []
        self._pull: list[float] = []
        self._bounds: list[Bound] = []

    def add(self, name: str, column: Floats, *, pull: float, bound: Bound = FREE) -> None:
        self._columns.append(column)
        self._names.append(name)
        self._pull.append(pull)
        self._bounds.append(bound)

    def add_all(self, name: str, block: Floats, *, pull: float, bound: Bound) -> None:
        for number, column in enumerate(block.T):
            self.add(f"{name}.{number}", column, pull=pull, bound=bound)

    def built(self) -> Columns:
        return Columns(np.column_stack(self._columns), self._names, np.array(self._pull), self._bounds)


def _steps(measure: Floats, knots: Sequence[float]) -> Floats:
    """How far each step has been climbed, 0 to 1."""
    lower, upper = np.array(knots[:-1]), np.array(knots[1:])
    climbed: Floats = np.clip((measure[:, None] - lower) / (upper - lower), 0.0, 1.0)
    return climbed


def _add_unlike(table: _Table, pairs: Sequence[TwoReports], names: Names) -> None:
    unlike = [frozenset((pair.new.category, pair.old.category)) for pair in pairs]
    known = frozenset(names.pairs)
    for pair in names.pairs:
        table.add(f"pair.{'|'.join(sorted(pair))}", np.array([each == pair for each in unlike], float), pull=1.0)
    is_group = [
        len(both) == 2 and both not in known and pair.new.group == pair.old.group != ""
        for both, pair in zip(unlike, pairs, strict=True)
    ]
    table.add("same_group", np.array(is_group, float), pull=1.0)


def _add_habits(table: _Table, pairs: Sequence[TwoReports], names: Names, far: Floats, late: Floats) -> None:
    category = np.array([pair.new.category if pair.new.category == pair.old.category else "" for pair in pairs])
    for name in names.habits:
        is_it = (category == name).astype(float)
        table.add(f"affinity.{name}", is_it, pull=1.0)
        table.add(f"per_log_m.{name}", is_it * far, pull=12.0, bound=FALLS)
        table.add(f"per_log_min.{name}", is_it * (late - 6.0), pull=27.0)
