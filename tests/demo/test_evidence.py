"""Are the events on Kafka put together to the stories of their cases?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from deploy.demo.event_log import EventLog
from deploy.demo.evidence import CaseStory, report_ids_of, reported_in, stories_in
from lamplight_events.cases import CaseFiled, CaseSelfHandled
from lamplight_events.envelope import Cause, Envelope
from lamplight_events.event import Event
from lamplight_events.messages import Message
from lamplight_events.reports import ReportReceived
from lamplight_events.vocabulary import CaseState, Outcome, Source

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CASE, OTHER, REPORT = UUID(int=1), UUID(int=2), UUID(int=3)


def a_log(*events: Event) -> EventLog:
    envelopes = (Envelope(UUID(int=9), e.event_type, "dispatch", str(e.key), NOW, Cause("demo-1-noon")) for e in events)
    return EventLog([Message(envelope, event) for envelope, event in zip(envelopes, events, strict=True)], 0)


def settled(case_id: UUID, sequence: int) -> CaseSelfHandled:
    return CaseSelfHandled(
        case_id=case_id,
        sequence=sequence,
        state=CaseState.SELF_HANDLED,
        category="mobile_vendor",
        zone="320507007",
        occurred_at=NOW,
        actor="patrol_caohu_1",
        outcome=Outcome.PERSUADED,
    )


def filed(case_id: UUID, sequence: int) -> CaseFiled:
    return CaseFiled(
        case_id=case_id,
        sequence=sequence,
        state=CaseState.PENDING_DISPATCH,
        category="graffiti",
        zone="320507007",
        occurred_at=NOW,
        actor="rule",
        filing_condition="rule:every-valid-report",
    )


def received() -> ReportReceived:
    return ReportReceived(
        report_id=REPORT,
        case_id=CASE,
        source=Source.PATROL,
        category="mobile_vendor",
        zone="320507007",
        longitude_deg=120.6,
        latitude_deg=31.4,
        observed_at=NOW,
        received_at=NOW,
    )


def test_each_case_has_its_own_story() -> None:
    stories = stories_in(a_log(filed(OTHER, 1), settled(CASE, 1), filed(OTHER, 2)))

    assert stories == {
        str(CASE): CaseStory("mobile_vendor", [1], CaseState.SELF_HANDLED, Outcome.PERSUADED),
        str(OTHER): CaseStory("graffiti", [1, 2], CaseState.PENDING_DISPATCH, None),
    }


def test_a_report_that_was_told_twice_is_there_twice() -> None:
    assert reported_in(a_log(received(), settled(CASE, 1), received())) == [str(REPORT), str(REPORT)]


def test_only_numbers_from_one_without_gap_make_a_whole_story() -> None:
    def is_whole(sequences: Sequence[int]) -> bool:
        return CaseStory("graffiti", sequences, CaseState.CLOSED, None).is_whole

    assert is_whole([1, 2, 3])
    assert not any(is_whole(sequences) for sequences in ([2, 3], [1, 3], [1, 1, 2], [2, 1]))


def test_reports_of_all_cases_stand_in_one_row() -> None:
    assert report_ids_of([{"report_ids": ["a", "b"]}, {"report_ids": ["c"]}]) == ["a", "b", "c"]
