"""When does each report of the two acts come, so that a noon and a morning each fit into a minute?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from deploy.world.noon import noon_patrol
from deploy.world.report_body import ReportBody
from deploy.world.san_diego import san_diego_reports

FULL_ACT_S = 75.0
QUICK_ACT_S = 24.0
SHORTEST_ACT_S = 8.0
QUICK_TOTAL_S = 110.0
"""A quick demo has two minutes; this leaves room for a slow stop."""
COUNTING_S = 20.0
"""What the count at the end and the stop may take of it."""

REPORTING_SHARE = 0.66
"""The part of an act in which reports come in; in the rest the last of them are worked on."""


class ActName(StrEnum):
    """The two acts, in their order."""

    NOON = "noon"
    SAN_DIEGO = "san_diego"


@dataclass(frozen=True, slots=True)
class Timed:
    """A report, and how many seconds after the beginning of its act it is made."""

    after_s: float
    body: ReportBody


@dataclass(frozen=True, slots=True)
class Act:
    """One act: its reports in the order of their times, all of them within the first part of its length."""

    name: ActName
    length_s: float
    reports: Sequence[Timed]


def two_acts(*, seed: int, length_s: float) -> Sequence[Act]:
    """The noon of the lighting action, drawn from the seed, then the morning of San Diego."""
    noon = noon_patrol(seed)
    began_at = datetime.fromisoformat(noon[0]["observed_at"])
    seconds = [(datetime.fromisoformat(body["observed_at"]) - began_at).total_seconds() for body in noon]
    return (
        stretched(ActName.NOON, list(zip(seconds, noon, strict=True)), length_s=length_s),
        stretched(ActName.SAN_DIEGO, san_diego_reports(), length_s=length_s),
    )


def stretched(name: ActName, moments: Sequence[tuple[float, ReportBody]], *, length_s: float) -> Act:
    """Squeeze reports at their real seconds into the reporting part of an act, each in proportion."""
    first_s, last_s = moments[0][0], moments[-1][0]
    factor = REPORTING_SHARE * length_s / max(last_s - first_s, 1.0)
    return Act(name, length_s, [Timed((second_s - first_s) * factor, body) for second_s, body in moments])


def quick_act_s(spent_s: float) -> float:
    """How long each act of a quick demo lasts when the start has taken so many seconds of its time."""
    left_s = (QUICK_TOTAL_S - COUNTING_S - spent_s) / len(ActName)
    return min(QUICK_ACT_S, max(SHORTEST_ACT_S, left_s))


def as_of_now(body: ReportBody, *, run_id: UUID, now: datetime) -> ReportBody:
    """Tell a report as one of this moment and of this run: a second run then repeats no request of the first."""
    client_uuid = uuid5(run_id, body["client_uuid"])
    return ReportBody({**body, "client_uuid": str(client_uuid), "observed_at": now.astimezone(UTC).isoformat()})
