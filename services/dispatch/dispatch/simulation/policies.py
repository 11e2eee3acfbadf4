"""Which policies can be played, by name?"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from types import MappingProxyType

from dispatch.matching.parameters import Parameters
from dispatch.matching.pressure import Demand
from dispatch.simulation.engine_policy import EnginePolicy
from dispatch.simulation.metrics import Outcome
from dispatch.simulation.simple_policies import BatchOptimal, FirstComeNearestIdle, GreedyNearestPair
from dispatch.simulation.simulator import Policy, Simulation
from dispatch.simulation.world import World


class PolicyName(StrEnum):
    """The policies of the simulator, the obvious ones first."""

    FIFO = "fifo"
    GREEDY = "greedy"
    BATCH = "batch"
    OURS = "ours"
    CLAIRVOYANT = "clairvoyant"


TITLES = MappingProxyType(
    {
        PolicyName.FIFO: "FIFO, nearest idle",
        PolicyName.GREEDY: "greedy nearest pair",
        PolicyName.BATCH: "batch optimal, no look-ahead",
        PolicyName.OURS: "ours",
        PolicyName.CLAIRVOYANT: "clairvoyant reference",
    }
)

SIMPLE: MappingProxyType[PolicyName, Callable[[], Policy]] = MappingProxyType(
    {
        PolicyName.FIFO: FirstComeNearestIdle,
        PolicyName.GREEDY: GreedyNearestPair,
        PolicyName.BATCH: BatchOptimal,
    }
)


def play(name: PolicyName, world: World, parameters: Parameters, demand: Demand) -> Outcome:
    """Play one day under one online policy.

    Raises:
        ValueError: the clairvoyant reference is planned, not played (see `clairvoyant`).
    """
    if name is PolicyName.CLAIRVOYANT:
        raise ValueError("clairvoyant: planned offline, see clairvoyant.best_plan")
    policy = SIMPLE[name]() if name in SIMPLE else EnginePolicy(world, parameters, demand)
    return Simulation(world, policy).run()
