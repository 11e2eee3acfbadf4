"""How does a test make a scene, an alert, and the evidence of a run in which everything went well?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from deploy.demo.alerts import Alert
from deploy.demo.evidence import CaseStory, Evidence
from deploy.demo.language import Wording
from deploy.demo.pacing import ActName
from deploy.demo.scene import Dot, Progress, Rates, Scene, Seen
from deploy.demo.stopwatch import Latency
from deploy.world.noon import OTHERS, PERSUADED, VENDORS
from lamplight_events.vocabulary import CaseState, Outcome, Source

SQUADRON = "squadron_yuanhe"


def an_alert(position: int = 1, *, kind: str = "case_assigned", zh: str = "【新案卷】", en: str = "New case") -> Alert:
    return Alert(position, f"case-{position}", "unit:squadron_yuanhe", kind, Wording(zh, en))


def a_dot(number: int, state: CaseState) -> Dot:
    return Dot(f"case-{number}", 120.6, 31.3, state, "mobile_vendor", "320507007")


def a_scene(*, alerts: Sequence[Alert] = (), states: Sequence[CaseState] = (), latency: Latency | None = None) -> Scene:
    return Scene(
        act=ActName.NOON,
        elapsed_s=67.4,
        reports={ActName.NOON: Progress(212, 330), ActName.SAN_DIEGO: Progress(0, 500)},
        orders=Progress(118, 412),
        seen=Seen(
            rates=Rates(6.72, 41.3),
            outcomes={Outcome.PERSUADED: 118, Outcome.REFUSED: 76, Outcome.EDUCATED: 18},
            ready={"intake": True, "dispatch": True, "notify": False},
            dots=tuple(a_dot(number, state) for number, state in enumerate(states)),
        ),
        latency=latency,
        alert_count=len(alerts),
        alerts=alerts,
    )


def good_evidence(*, morning: int = 500) -> Evidence:
    """What a whole demo leaves behind when nothing is lost: every handed-over vendor's case is closed."""
    numbers = count()
    rows = [*_noon(numbers), *(_row(numbers, Source.OPEN311, "graffiti", CaseState.DISPATCHED) for _ in range(morning))]
    cases = [case for case, _ in rows]
    closed = [case for case in cases if case["state"] is CaseState.CLOSED]
    return Evidence(
        cases=cases,
        statuses={case["report_ids"][0]: case["state"] for case in cases},
        told=frozenset(case["report_ids"][0] for case in closed),
        reported=[case["report_ids"][0] for case in cases],
        stories={case["case_id"]: story for case, story in rows},
        dead_letters=0,
        waiting_events=0,
    )


Row = tuple[dict[str, Any], CaseStory]


def _noon(numbers: Iterator[int]) -> Iterator[Row]:
    vendors = [category for category, sightings in VENDORS.items() for _ in range(sightings)]
    for category in vendors[:PERSUADED]:
        yield _row(numbers, Source.PATROL, category, CaseState.SELF_HANDLED, Outcome.PERSUADED)
    for category in vendors[PERSUADED:]:
        yield _row(numbers, Source.PATROL, category, CaseState.CLOSED)
    for category, sightings in OTHERS.items():
        for _ in range(sightings):
            yield _row(numbers, Source.PATROL, category, CaseState.SELF_HANDLED, Outcome.EDUCATED)


def _row(
    numbers: Iterator[int], source: Source, category: str, state: CaseState, outcome: Outcome | None = None
) -> Row:
    number = next(numbers)
    case = {
        "case_id": f"case-{number}",
        "report_ids": [f"report-{number}"],
        "source": source,
        "category": category,
        "state": state,
        "unit_id": None if outcome else SQUADRON,
    }
    return case, CaseStory(category, [1, 2, 3], state, outcome)
