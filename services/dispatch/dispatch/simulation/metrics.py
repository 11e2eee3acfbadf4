"""How good was a day: for those who waited, for those who were asked, and for the fairness among them?"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import numpy as np

from dispatch.matching.columns import Flags, Floats, Ints
from dispatch.simulation.state import State
from dispatch.simulation.world import DETOUR, DROPPED_AFTER_S, servable

DROPPED_MIN = DROPPED_AFTER_S / 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a day left behind, per report and per volunteer.

    Arguments:
        response_min: minutes from report to arrival; 240 for those never served.
        served, servable: per report, whether somebody came in time, and whether anybody could have.
        accepted: per volunteer.
    """

    response_min: Floats
    served: Flags
    servable: Flags
    accepted: Ints
    offers: int
    travelled_km: float
    decisions: int
    deciding_s: float

    @staticmethod
    def of(state: State, *, decisions: int, deciding_s: float) -> Outcome:
        """Read the state at the end of the day; a report reached too late counts as unserved."""
        served = state.response_s <= DROPPED_AFTER_S
        return Outcome(
            response_min=np.where(served, state.response_s / 60, DROPPED_MIN),
            served=served,
            servable=servable(state.world),
            accepted=state.accepted,
            offers=state.offers,
            travelled_km=state.travelled_m * DETOUR / 1_000,
            decisions=decisions,
            deciding_s=deciding_s,
        )


@dataclass(frozen=True, slots=True)
class Metrics:
    """The figures of one run.

    Arguments:
        mean_min, p50_min, p95_min, within_30, within_60, unserved: over the reports that anybody on duty could have
            reached within the four hours; shares are 0..1.
        mean_all_min, unserved_all: over every report of the day, the night included.
        gini_accepted: over all volunteers, by number of accepted cases.
    """

    mean_min: float
    p50_min: float
    p95_min: float
    within_30: float
    within_60: float
    unserved: float
    mean_all_min: float
    unserved_all: float
    offers_per_served: float
    km_per_served: float
    gini_accepted: float
    decision_ms: float

    def as_plain(self) -> dict[str, float]:
        """Names and figures, for JSON and tables."""
        return {name: round(float(value), 4) for name, value in asdict(self).items()}


METRIC_NAMES = tuple(each.name for each in fields(Metrics))


def metrics_of(outcome: Outcome) -> Metrics:
    """Reduce a day to its figures."""
    minutes = outcome.response_min[outcome.servable]
    served = max(int(outcome.served.sum()), 1)
    if not len(minutes):
        minutes = np.zeros(1)
    return Metrics(
        mean_min=float(minutes.mean()),
        p50_min=float(np.quantile(minutes, 0.5)),
        p95_min=float(np.quantile(minutes, 0.95)),
        within_30=float((minutes <= 30).mean()),
        within_60=float((minutes <= 60).mean()),
        unserved=float((~outcome.served[outcome.servable]).mean()) if outcome.servable.any() else 0.0,
        mean_all_min=float(outcome.response_min.mean()) if len(outcome.response_min) else 0.0,
        unserved_all=float((~outcome.served).mean()) if len(outcome.served) else 0.0,
        offers_per_served=outcome.offers / served,
        km_per_served=outcome.travelled_km / served,
        gini_accepted=gini(outcome.accepted),
        decision_ms=1_000 * outcome.deciding_s / max(outcome.decisions, 1),
    )


def gini(counts: Ints) -> float:
    """How unevenly something is spread: 0 when all have the same, towards 1 when one has it all."""
    total = int(counts.sum())
    if not total:
        return 0.0
    ordered, people = np.sort(counts), len(counts)
    ranks = 2 * np.arange(1, people + 1) - people - 1
    return float(ranks @ ordered) / (people * total)
