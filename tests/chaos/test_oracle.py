"""Does the oracle pass a good run, and find each single thing that can be wrong with one?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from tests.chaos.builders import (
    ALERT,
    CASE,
    EVENTS,
    HOOK,
    HOOK_DELIVERY,
    LOG_DELIVERY,
    REPORT,
    good_evidence,
    hook_receipt,
)
from tests.chaos.evidence import (
    AlertRecord,
    AlertRow,
    CarriedOrder,
    CaseRecord,
    CaseRow,
    DeadLetter,
    DeliveryRow,
    Evidence,
    HistoryRow,
    Refusal,
    ReportRecord,
    ReportRow,
    SentReport,
    StatusRow,
)
from tests.chaos.oracle import RULES, judge
from tests.chaos.violation import Kind

OTHER = UUID(int=999)

Spoil = Callable[[Evidence], Evidence]

SPOILED: tuple[tuple[str, Kind, Spoil], ...] = (
    ("answered_differently", Kind.DOUBLED, lambda good: replace(
        good, sent_reports=(SentReport("r1", frozenset({(REPORT, CASE), (OTHER, OTHER)})),))),
    ("accepted_report_missing", Kind.LOST, lambda good: replace(good, reports=())),
    ("report_stored_twice", Kind.DOUBLED, lambda good: replace(
        good, reports=(*good.reports, ReportRow(OTHER, OTHER, "r1")))),
    ("report_never_sent", Kind.DOUBLED, lambda good: replace(
        good, reports=(*good.reports, ReportRow(OTHER, OTHER, "ghost")))),
    ("refused", Kind.LOST, lambda good: replace(good, refusals=(Refusal("r1", 409),))),
    ("operation_repeated", Kind.DOUBLED, lambda good: replace(
        good, history=(*good.history, HistoryRow(CASE, 5, "accept", "handling", OTHER)))),
    ("answered_report_missing", Kind.LOST, lambda good: replace(good, reports=(ReportRow(OTHER, CASE, "r1"),))),
    ("report_not_told", Kind.LOST, lambda good: replace(good, report_records=())),
    ("report_told_twice", Kind.DOUBLED, lambda good: replace(
        good, report_records=(*good.report_records, ReportRecord(OTHER, REPORT)))),
    ("told_report_never_stored", Kind.DOUBLED, lambda good: replace(
        good, report_records=(*good.report_records, ReportRecord(OTHER, OTHER)))),
    ("report_without_case", Kind.LOST, lambda good: replace(good, cases=(replace(good.cases[0], report_ids=()),))),
    ("report_in_two_cases", Kind.DOUBLED, lambda good: replace(
        good, cases=(*good.cases, CaseRow(OTHER, "reported", 1, (REPORT,))))),
    ("report_in_two_cases", Kind.DOUBLED, lambda good: replace(
        good, cases=(replace(good.cases[0], report_ids=(REPORT, REPORT)),))),
    ("report_in_foreign_case", Kind.DISORDER, lambda good: replace(good, reports=(ReportRow(REPORT, OTHER, "r1"),))),
    ("case_without_report", Kind.DOUBLED, lambda good: replace(
        good, cases=(replace(good.cases[0], report_ids=(REPORT, OTHER)),))),
    ("history_has_gaps", Kind.LOST, lambda good: replace(good, history=(*good.history[:1], *good.history[2:]))),
    ("history_has_gaps", Kind.LOST, lambda good: replace(good, history=())),
    ("case_is_not_its_history", Kind.DISORDER, lambda good: replace(
        good, cases=(replace(good.cases[0], state="closed"),))),
    ("history_without_case", Kind.LOST, lambda good: replace(good, cases=())),
    ("order_without_effect", Kind.LOST, lambda good: replace(
        good, carried_orders=(CarriedOrder("o1", CASE, "resolve", 5),))),
    ("move_made_twice", Kind.DOUBLED, lambda good: replace(
        good, carried_orders=(*good.carried_orders, CarriedOrder("o2", CASE, "accept", 4)))),
    ("move_not_told", Kind.LOST, lambda good: replace(good, case_records=good.case_records[:-1])),
    ("told_move_never_made", Kind.DOUBLED, lambda good: replace(
        good, case_records=(*good.case_records, CaseRecord(0, 9, OTHER, CASE, 5, "closed")))),
    ("case_in_two_partitions", Kind.DISORDER, lambda good: replace(
        good, case_records=(*good.case_records[:-1], replace(good.case_records[-1], partition=1)))),
    ("sequence_told_twice", Kind.DOUBLED, lambda good: replace(
        good, case_records=(*good.case_records, CaseRecord(0, 9, OTHER, CASE, 4, "handling")))),
    ("told_out_of_order", Kind.DISORDER, lambda good: replace(
        good, case_records=(replace(good.case_records[0], offset=9), *good.case_records[1:]))),
    ("projection_differs", Kind.LOST, lambda good: replace(good, statuses=(StatusRow(CASE, "dispatched", 3),))),
    ("projection_differs", Kind.LOST, lambda good: replace(good, statuses=())),
    ("projection_without_case", Kind.DOUBLED, lambda good: replace(
        good, statuses=(*good.statuses, StatusRow(OTHER, "reported", 1)))),
    ("alert_missing", Kind.LOST, lambda good: replace(good, alerts=())),
    ("alert_without_event", Kind.DOUBLED, lambda good: replace(
        good, alerts=(*good.alerts, AlertRow(OTHER, 8, EVENTS[0], "command_centre")))),
    ("alert_made_twice", Kind.DOUBLED, lambda good: replace(
        good, alerts=(*good.alerts, AlertRow(OTHER, 8, EVENTS[2], "unit:squadron")))),
    ("delivery_missing", Kind.LOST, lambda good: replace(good, deliveries=good.deliveries[:1])),
    ("delivery_made_twice", Kind.DOUBLED, lambda good: replace(
        good, deliveries=(*good.deliveries, DeliveryRow(OTHER, ALERT, HOOK, "webhook", "delivered")))),
    ("delivery_unfinished", Kind.STUCK, lambda good: replace(
        good, deliveries=(*good.deliveries[:1], replace(good.deliveries[1], state="pending")))),
    ("delivery_given_up", Kind.STUCK, lambda good: replace(
        good, alert_records=(*good.alert_records[:1], replace(good.alert_records[1], type="grid.alert.failed.v1")))),
    ("delivery_not_told", Kind.LOST, lambda good: replace(good, alert_records=good.alert_records[:1])),
    ("delivery_told_twice", Kind.DOUBLED, lambda good: replace(
        good, alert_records=(*good.alert_records, AlertRecord(OTHER, LOG_DELIVERY, "grid.alert.delivered.v1")))),
    ("told_delivery_never_made", Kind.DOUBLED, lambda good: replace(
        good, alert_records=(*good.alert_records, AlertRecord(OTHER, OTHER, "grid.alert.delivered.v1")))),
    ("webhook_never_arrived", Kind.LOST, lambda good: replace(good, receipts=(hook_receipt(status=500),))),
    ("webhook_without_delivery", Kind.DOUBLED, lambda good: replace(
        good, receipts=(*good.receipts, hook_receipt(webhook_id=OTHER)))),
    ("webhook_changed", Kind.DOUBLED, lambda good: replace(
        good, receipts=(*good.receipts, hook_receipt(content="another")))),
    ("webhook_not_signed", Kind.LOST, lambda good: replace(
        good, receipts=(*good.receipts, hook_receipt(is_signed=False)))),
    ("told_under_two_ids", Kind.DOUBLED, lambda good: replace(
        good, receipts=(*good.receipts, hook_receipt(webhook_id=OTHER)))),
    ("stream_left_out", Kind.LOST, lambda good: replace(good, streams=((7,), ()))),
    ("stream_invented", Kind.DOUBLED, lambda good: replace(good, streams=((7,), (7, 8)))),
    ("stream_repeated", Kind.DOUBLED, lambda good: replace(good, streams=((7,), (7, 7)))),
    ("stream_went_back", Kind.DISORDER, lambda good: replace(good, streams=((7,), (8, 7)))),
    ("outbox_not_empty", Kind.STUCK, lambda good: replace(good, outbox_rows={"intake": 1})),
    ("consumer_behind", Kind.STUCK, lambda good: replace(good, lag={"dispatch grid.reports": 1})),
    ("dead_letter", Kind.STUCK, lambda good: replace(
        good, dead_letters=(DeadLetter("1", "grid.cases", "bug: ValueError"),))),
)  # fmt: skip


def test_a_good_run_passes() -> None:
    seen = good_evidence()

    violations = judge(seen)

    assert violations == []


@pytest.mark.parametrize(("rule", "kind", "spoil"), SPOILED)
def test_a_single_spoiled_thing_is_found_and_named(rule: str, kind: Kind, spoil: Spoil) -> None:
    seen = spoil(good_evidence())

    violations = judge(seen)

    assert (rule, kind) in {(violation.rule, violation.kind) for violation in violations}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_is_broken_by_some_spoiled_run(rule: Callable[[Evidence], object]) -> None:
    runs = [spoil(good_evidence()) for _, _, spoil in SPOILED]

    broken = [run for run in runs if list(rule(run))]  # type: ignore[call-overload]

    assert broken


def test_a_history_without_a_row_of_its_last_move_is_lost_work() -> None:
    good = good_evidence()
    longer = replace(good, history=(*good.history, HistoryRow(CASE, 5, "resolve", "checking", OTHER)))

    rules = {violation.rule for violation in judge(longer)}

    assert {"case_is_not_its_history", "move_not_told"} <= rules


def test_copies_of_a_record_are_no_violation() -> None:
    good = good_evidence()
    copies = tuple(replace(record, offset=record.offset + 10) for record in good.case_records)

    violations = judge(replace(good, case_records=(*good.case_records, *copies)))

    assert violations == []


def test_a_webhook_that_was_sent_again_unchanged_is_no_violation() -> None:
    good = good_evidence()

    violations = judge(replace(good, receipts=(*good.receipts, hook_receipt(webhook_id=HOOK_DELIVERY))))

    assert violations == []
