"""How do policies compare when each of them meets the very same days and seeds?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dispatch.matching.columns import Floats, Ints
from dispatch.matching.parameters import Parameters
from dispatch.matching.pressure import Demand
from dispatch.simulation.city_data import CityData, read_city
from dispatch.simulation.clairvoyant import Effort, best_plan
from dispatch.simulation.metrics import Metrics, Outcome, metrics_of
from dispatch.simulation.policies import PolicyName, play
from dispatch.simulation.scenarios import Pick, usual_demand, world_at

NORMAL_95 = 1.96
Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Task:
    """One day to be played under one policy."""

    pick: Pick
    policy: PolicyName
    parameters: Parameters
    effort: Effort = field(default_factory=Effort)


@dataclass(frozen=True, slots=True)
class Run:
    """One day that was played, with what the pictures need.

    Arguments:
        unserved_lon, unserved_lat: where nobody came, of the reports somebody could have reached.
        response_min: per report that somebody could have reached.
        accepted: per volunteer.
    """

    task: Task
    metrics: Metrics
    response_min: Floats
    accepted: Ints
    unserved_lon: Floats
    unserved_lat: Floats


@dataclass(frozen=True, slots=True)
class Difference:
    """A paired difference of means: relative to the other, with its 95 % interval over the runs."""

    relative: float
    low: float
    high: float
    runs: int


class Player:
    """Plays tasks over the cores; each process reads the city once."""

    def __init__(self, folder: Path, pool: ProcessPoolExecutor) -> None:
        self._folder, self._pool = folder, pool

    def play(self, tasks: Sequence[Task], tick: Tick = lambda: None) -> list[Run]:
        """Runs in the order of the tasks; `tick` is called after each."""
        futures = [self._pool.submit(_play_one, self._folder, task) for task in tasks]
        runs = []
        for future in futures:
            runs.append(future.result())
            tick()
        return runs


@contextmanager
def player(folder: Path) -> Iterator[Player]:
    """A player with one process per core, stopped at the end."""
    with ProcessPoolExecutor(os.cpu_count() or 1) as pool:
        yield Player(folder, pool)


def compare(ours: Sequence[Run], theirs: Sequence[Run], measure: str = "mean_min") -> Difference:
    """The paired difference of one metric; both must have played the same picks in the same order.

    Raises:
        ValueError: the runs are not pairs.
    """
    if [run.task.pick for run in ours] != [run.task.pick for run in theirs] or not ours:
        raise ValueError("runs: they are not pairs of the same days and seeds")
    first = np.array([getattr(run.metrics, measure) for run in ours])
    second = np.array([getattr(run.metrics, measure) for run in theirs])
    base = float(second.mean()) or 1.0
    gaps = (first - second) / base
    half = NORMAL_95 * float(gaps.std(ddof=1)) / np.sqrt(len(gaps)) if len(gaps) > 1 else 0.0
    return Difference(float(gaps.mean()), float(gaps.mean() - half), float(gaps.mean() + half), len(gaps))


def mean_of(runs: Sequence[Run], measure: str) -> float:
    """One metric, averaged over runs."""
    return float(np.mean([getattr(run.metrics, measure) for run in runs]))


def spread_of(runs: Sequence[Run], measure: str) -> float:
    """The standard deviation of one metric over runs."""
    return float(np.std([getattr(run.metrics, measure) for run in runs], ddof=1)) if len(runs) > 1 else 0.0


_cities: dict[Path, tuple[CityData, Demand]] = {}


def _play_one(folder: Path, task: Task) -> Run:
    if folder not in _cities:
        city = read_city(folder)
        _cities[folder] = (city, usual_demand(city))
    city, demand = _cities[folder]
    world = world_at(city, task.pick)
    if task.policy is PolicyName.CLAIRVOYANT:
        outcome = best_plan(world, task.effort)
    else:
        outcome = play(task.policy, world, task.parameters, demand)
    return _run_of(task, outcome, world.reports.lon, world.reports.lat)


def _run_of(task: Task, outcome: Outcome, lon: Floats, lat: Floats) -> Run:
    unserved = outcome.servable & ~outcome.served
    return Run(
        task=task,
        metrics=metrics_of(outcome),
        response_min=outcome.response_min[outcome.servable],
        accepted=outcome.accepted,
        unserved_lon=lon[unserved],
        unserved_lat=lat[unserved],
    )
