"""Does the summary of a demo notice everything that can go wrong with its sums?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from deploy.demo.evidence import CaseStory, Evidence
from deploy.demo.language import Language
from deploy.demo.summary import verdict
from deploy.demo.sums import check_sums
from lamplight_events.vocabulary import CaseState, Outcome
from tests.demo.builders import SQUADRON, good_evidence

GOOD = good_evidence()
CLOSED_CASE = next(case for case in GOOD.cases if case["state"] is CaseState.CLOSED)
PERSUADED_CASE = next(id for id, story in GOOD.stories.items() if story.outcome is Outcome.PERSUADED)
EDUCATED_CASE = next(id for id, story in GOOD.stories.items() if story.outcome is Outcome.EDUCATED)


def wrong_lines(evidence: Evidence) -> set[str]:
    return {line.what.en.strip() for line in check_sums(evidence, total=830) if not line.is_right}


def without_case(evidence: Evidence, case_id: str) -> Evidence:
    return replace(evidence, cases=[case for case in evidence.cases if case["case_id"] != case_id])


def with_story(evidence: Evidence, case_id: str, story: CaseStory) -> Evidence:
    return replace(evidence, stories={**evidence.stories, case_id: story})


def with_case(evidence: Evidence, case_id: str, **changes: object) -> Evidence:
    return replace(evidence, cases=[case | changes if case["case_id"] == case_id else case for case in evidence.cases])


def test_a_run_that_lost_nothing_is_right_in_every_line() -> None:
    lines = check_sums(GOOD, total=830)

    assert wrong_lines(GOOD) == set()
    assert len(lines) == 13
    assert {line.what.en.strip(): line.counted for line in lines}["closed, and the reporter told"] == 120


def test_a_lost_morning_case_is_noticed() -> None:
    lost = without_case(GOOD, GOOD.cases[-1]["case_id"])

    assert {"San Diego: reports", "San Diego: cases"} <= wrong_lines(lost)


def test_two_reports_in_one_case_are_not_500_cases() -> None:
    last, other = GOOD.cases[-1], GOOD.cases[-2]
    merged = with_case(
        without_case(GOOD, last["case_id"]), other["case_id"], report_ids=[*other["report_ids"], *last["report_ids"]]
    )

    assert "San Diego: cases" in wrong_lines(merged)
    assert "San Diego: reports" not in wrong_lines(merged)


def test_a_lost_vendor_is_noticed() -> None:
    assert "noon: vendors found" in wrong_lines(without_case(GOOD, CLOSED_CASE["case_id"]))


def test_a_vendor_who_went_to_somebody_else_than_the_squadron_is_noticed() -> None:
    astray = with_case(GOOD, CLOSED_CASE["case_id"], unit_id="community_yuanhe")

    assert wrong_lines(astray) == {"handed to the squadron", "found = persuaded + handed over"}


def test_a_persuaded_vendor_who_is_handed_over_as_well_is_noticed() -> None:
    twice = with_case(GOOD, PERSUADED_CASE, unit_id=SQUADRON)

    assert wrong_lines(twice) == {"handed to the squadron", "found = persuaded + handed over"}


def test_an_outcome_that_was_lost_on_the_way_is_noticed() -> None:
    story = GOOD.stories[EDUCATED_CASE]

    changed = with_story(GOOD, EDUCATED_CASE, replace(story, outcome=None))

    assert wrong_lines(changed) == {"noon: parked cars, tricycles, all educated"}


@pytest.mark.parametrize("sequences", [[1, 3], [1, 2, 2, 3], [2, 1, 3], [2, 3]])
def test_a_missing_doubled_or_swapped_event_is_noticed(sequences: list[int]) -> None:
    broken = with_story(GOOD, PERSUADED_CASE, replace(GOOD.stories[PERSUADED_CASE], sequences=sequences))

    assert wrong_lines(broken) == {"cases with all events, once, in order"}


def test_events_that_tell_another_end_than_dispatch_are_noticed() -> None:
    broken = with_story(GOOD, PERSUADED_CASE, replace(GOOD.stories[PERSUADED_CASE], state=CaseState.CLOSED))

    assert wrong_lines(broken) == {"cases with all events, once, in order"}


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda good: replace(good, reported=good.reported[1:]), "one event per report"),
        (lambda good: replace(good, reported=[*good.reported, good.reported[0]]), "one event per report"),
        (
            lambda good: replace(good, statuses={**good.statuses, "report-0": "received"}),
            "reporters who see the true state",
        ),
        (lambda good: replace(good, told=frozenset(list(good.told)[1:])), "closed, and the reporter told"),
        (lambda good: replace(good, dead_letters=1), "dead letters"),
        (lambda good: replace(good, waiting_events=1), "events still in an outbox"),
    ],
)
def test_each_other_loss_turns_its_own_line_wrong(spoil: Callable[[Evidence], Evidence], line: str) -> None:
    assert wrong_lines(spoil(GOOD)) == {line}


def test_the_verdict_says_how_many_are_wrong() -> None:
    assert verdict(check_sums(GOOD, total=830), Language.EN) == "Every sum is right."
    assert verdict(check_sums(replace(GOOD, dead_letters=2), total=830), Language.ZH) == "有 1 项不符"
