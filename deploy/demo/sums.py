"""Do the sums of the demo come out as they must?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deploy.demo.calls import Json
from deploy.demo.evidence import Evidence, report_ids_of
from deploy.demo.language import Wording
from deploy.world.noon import OTHERS, PERSUADED, VENDORS
from dispatch.units import UnitKind, UnitTable
from lamplight_events.vocabulary import CaseState, Outcome, Source

FOUND = sum(VENDORS.values())
EDUCATED = sum(OTHERS.values())

DISPATCH, INTAKE, KAFKA = Wording("派遣 API", "dispatch"), Wording("受理 API", "intake"), Wording("Kafka", "Kafka")
STREAM, METRICS = Wording("提醒流", "alert stream"), Wording("指标", "metrics")


@dataclass(frozen=True, slots=True)
class Sum:
    """One line of the summary: what must be so, what was counted, and where."""

    what: Wording
    expected: int
    counted: int
    where: Wording

    @property
    def is_right(self) -> bool:
        return self.expected == self.counted


def check_sums(evidence: Evidence, *, total: int) -> Sequence[Sum]:
    """All lines of the summary, in the order in which they are shown; `total` reports were played in both acts."""
    return (*_noon(evidence), *_morning(evidence, total - FOUND - EDUCATED), *_path(evidence, total))


def _noon(evidence: Evidence) -> Iterable[Sum]:
    sightings = [case for case in evidence.cases if case["source"] == Source.PATROL]
    vendors = _of_categories(sightings, VENDORS)
    persuaded = _settled(evidence, VENDORS, Outcome.PERSUADED)
    squadrons = _squadrons()
    handed_over = sum(case["unit_id"] in squadrons for case in vendors)
    yield Sum(Wording("正午：发现流动摊贩", "noon: vendors found"), FOUND, len(vendors), DISPATCH)
    yield Sum(Wording("　当场劝离", "  persuaded on the spot"), PERSUADED, persuaded, KAFKA)
    yield Sum(Wording("　移交城管中队", "  handed to the squadron"), FOUND - PERSUADED, handed_over, DISPATCH)
    yield Sum(
        Wording("　发现 = 劝离 + 移交", "  found = persuaded + handed over"),
        len(vendors),
        persuaded + handed_over,
        KAFKA,
    )
    others = Wording("正午：违停与客运三轮，全部当场教育", "noon: parked cars, tricycles, all educated")
    yield Sum(others, EDUCATED, _settled(evidence, OTHERS, Outcome.EDUCATED), KAFKA)


def _morning(evidence: Evidence, reports: int) -> Iterable[Sum]:
    cases = [case for case in evidence.cases if case["source"] == Source.OPEN311]
    yield Sum(Wording("圣迭戈：上报", "San Diego: reports"), reports, len(set(report_ids_of(cases))), DISPATCH)
    yield Sum(Wording("圣迭戈：案卷", "San Diego: cases"), reports, len(cases), DISPATCH)


def _path(evidence: Evidence, total: int) -> Iterable[Sum]:
    closed = [case for case in evidence.cases if case["state"] == CaseState.CLOSED]
    closed_reports = set(report_ids_of(closed))
    yield Sum(Wording("每条上报一个事件", "one event per report"), total, _once(evidence.reported), KAFKA)
    yield Sum(
        Wording("事件齐全、有序、不重复的案卷", "cases with all events, once, in order"), total, _whole(evidence), KAFKA
    )
    yield Sum(
        Wording("上报人看到的状态一致", "reporters who see the true state"), total, _true_states(evidence), INTAKE
    )
    yield Sum(
        Wording("已结案并告知上报人", "closed, and the reporter told"),
        len(closed_reports),
        len(closed_reports & evidence.told),
        STREAM,
    )
    yield Sum(Wording("死信", "dead letters"), 0, evidence.dead_letters, KAFKA)
    yield Sum(Wording("发件箱积压", "events still in an outbox"), 0, evidence.waiting_events, METRICS)


def _of_categories(cases: Iterable[Json], categories: Iterable[str]) -> list[Json]:
    wanted = frozenset(categories)
    return [case for case in cases if case["category"] in wanted]


def _settled(evidence: Evidence, categories: Iterable[str], outcome: Outcome) -> int:
    wanted = frozenset(categories)
    return sum(story.category in wanted and story.outcome is outcome for story in evidence.stories.values())


def _squadrons() -> frozenset[str]:
    return frozenset(unit.unit_id for unit in UnitTable.load().by_id.values() if unit.kind is UnitKind.SQUADRON)


def _once(report_ids: Sequence[str]) -> int:
    """How many reports were told of, less those that were told of again."""
    distinct = len(set(report_ids))
    return distinct - (len(report_ids) - distinct)


def _whole(evidence: Evidence) -> int:
    states = {case["case_id"]: case["state"] for case in evidence.cases}
    return sum(story.is_whole and states.get(case_id) == story.state for case_id, story in evidence.stories.items())


def _true_states(evidence: Evidence) -> int:
    return sum(
        evidence.statuses.get(report_id) == case["state"] for case in evidence.cases for report_id in case["report_ids"]
    )
