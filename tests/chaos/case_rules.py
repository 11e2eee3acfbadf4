"""Did every report become exactly one case, with a whole and orderly life?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from uuid import UUID

from tests.chaos.evidence import CaseRecord, Evidence, HistoryRow
from tests.chaos.violation import Kind, Rule, Violation

JOIN = "join"


def accepted_reports_are_stored_once(seen: Evidence) -> Iterator[Violation]:
    """An accepted report has one row; a report that was never sent has none."""
    rows = Counter(row.key for row in seen.reports)
    for sent in seen.sent_reports:
        if len(sent.answers) > 1:
            yield Violation(Kind.DOUBLED, "answered_differently", sent.key, f"{len(sent.answers)} answers")
        if sent.answers and not rows[sent.key]:
            yield Violation(Kind.LOST, "accepted_report_missing", sent.key)
        if rows[sent.key] > 1:
            yield Violation(Kind.DOUBLED, "report_stored_twice", sent.key, f"{rows[sent.key]} rows")
    for key in rows.keys() - {sent.key for sent in seen.sent_reports}:
        yield Violation(Kind.DOUBLED, "report_never_sent", key)


def nobody_is_refused(seen: Evidence) -> Iterator[Violation]:
    """A service that is away may answer so or not at all; it never refuses what is right."""
    for refusal in seen.refusals:
        yield Violation(Kind.LOST, "refused", refusal.key, f"status {refusal.status}")


def answers_tell_the_truth(seen: Evidence) -> Iterator[Violation]:
    """The ids that a client was given are those in the book."""
    stored = {(row.id, row.case_id) for row in seen.reports}
    for sent in seen.sent_reports:
        for report_id, case_id in sent.answers - stored:
            yield Violation(Kind.LOST, "answered_report_missing", str(report_id), f"case {case_id}, key {sent.key}")


def reports_are_told_once(seen: Evidence) -> Iterator[Violation]:
    """Each stored report is on its topic, under one event id however often it was sent."""
    ids: dict[UUID, set[UUID]] = defaultdict(set)
    for record in seen.report_records:
        ids[record.report_id].add(record.event_id)
    for row in seen.reports:
        told = ids.pop(row.id, set())
        if not told:
            yield Violation(Kind.LOST, "report_not_told", str(row.id))
        if len(told) > 1:
            yield Violation(Kind.DOUBLED, "report_told_twice", str(row.id), f"{len(told)} event ids")
    for report_id in ids:
        yield Violation(Kind.DOUBLED, "told_report_never_stored", str(report_id))


def reports_have_one_case(seen: Evidence) -> Iterator[Violation]:
    """Each stored report belongs to exactly one case, once, and every case has reports that exist."""
    homes: dict[UUID, list[UUID]] = defaultdict(list)
    for case in seen.cases:
        for report_id in case.report_ids:
            homes[report_id].append(case.id)
    for row in seen.reports:
        found = homes.pop(row.id, [])
        if not found:
            yield Violation(Kind.LOST, "report_without_case", str(row.id), f"case {row.case_id}")
        elif len(found) > 1:
            yield Violation(Kind.DOUBLED, "report_in_two_cases", str(row.id), f"cases {sorted(map(str, found))}")
        elif found != [row.case_id]:
            yield Violation(Kind.DISORDER, "report_in_foreign_case", str(row.id), f"{found[0]}, not {row.case_id}")
    for report_id, found in homes.items():
        yield Violation(Kind.DOUBLED, "case_without_report", str(found[0]), f"report {report_id}")


def histories_are_whole(seen: Evidence) -> Iterator[Violation]:
    """A history counts from 1 without gaps and ends where its case stands."""
    histories = _by_case(seen.history)
    for case in seen.cases:
        entries = histories.pop(case.id, [])
        sequences = [entry.sequence for entry in entries]
        if sequences != list(range(1, len(entries) + 1)) or not entries:
            yield Violation(Kind.LOST, "history_has_gaps", str(case.id), f"sequences {sequences}")
        elif (entries[-1].sequence, entries[-1].state) != (case.sequence, case.state):
            detail = f"case {case.sequence} {case.state}, history {entries[-1].sequence} {entries[-1].state}"
            yield Violation(Kind.DISORDER, "case_is_not_its_history", str(case.id), detail)
    for case_id in histories:
        yield Violation(Kind.LOST, "history_without_case", str(case_id))


def orders_took_effect_once(seen: Evidence) -> Iterator[Violation]:
    """An order that was answered with success stands in the history at the place that the answer named."""
    made = {(entry.case_id, entry.sequence): entry.operation for entry in seen.history}
    takers = Counter((order.case_id, order.sequence) for order in seen.carried_orders)
    for order in seen.carried_orders:
        if made.get((order.case_id, order.sequence)) != order.operation:
            yield Violation(Kind.LOST, "order_without_effect", order.key, f"case {order.case_id}, {order.operation}")
    for (case_id, sequence), count in takers.items():
        if count > 1:
            yield Violation(Kind.DOUBLED, "move_made_twice", str(case_id), f"{count} orders were told {sequence}")


def moves_are_made_once(seen: Evidence) -> Iterator[Violation]:
    """Nothing but the joining of further reports happens to a case twice."""
    made = Counter((entry.case_id, entry.operation) for entry in seen.history if entry.operation != JOIN)
    for (case_id, operation), count in made.items():
        if count > 1:
            yield Violation(Kind.DOUBLED, "operation_repeated", str(case_id), f"{operation} {count} times")


def moves_are_told(seen: Evidence) -> Iterator[Violation]:
    """Every entry of a history is on the topic under its own event id, and nothing else is."""
    told = {record.event_id for record in seen.case_records}
    entered = {entry.event_id: entry for entry in seen.history}
    for event_id in entered.keys() - told:
        entry = entered[event_id]
        yield Violation(Kind.LOST, "move_not_told", str(event_id), f"case {entry.case_id}, sequence {entry.sequence}")
    for event_id in told - entered.keys():
        yield Violation(Kind.DOUBLED, "told_move_never_made", str(event_id))


def moves_are_told_in_order(seen: Evidence) -> Iterator[Violation]:
    """Whoever takes the first copy of each event sees a case's sequences 1, 2, 3, each under one id."""
    for case_id, records in _first_copies(seen.case_records).items():
        if len({record.partition for record in records}) > 1:
            yield Violation(Kind.DISORDER, "case_in_two_partitions", str(case_id))
        sequences = [record.sequence for record in records]
        if len(set(sequences)) < len(sequences):
            yield Violation(Kind.DOUBLED, "sequence_told_twice", str(case_id), f"sequences {sequences}")
        elif sequences != sorted(sequences):
            yield Violation(Kind.DISORDER, "told_out_of_order", str(case_id), f"sequences {sequences}")


def projection_is_up_to_date(seen: Evidence) -> Iterator[Violation]:
    """Intake shows each case as dispatch has it."""
    shown = {status.case_id: status for status in seen.statuses}
    for case in seen.cases:
        status = shown.pop(case.id, None)
        if status is None or (status.sequence, status.state) != (case.sequence, case.state):
            detail = f"shown {status and (status.sequence, status.state)}, is {case.sequence, case.state}"
            yield Violation(Kind.LOST, "projection_differs", str(case.id), detail)
    for case_id in shown:
        yield Violation(Kind.DOUBLED, "projection_without_case", str(case_id))


CASE_RULES: tuple[Rule, ...] = (
    accepted_reports_are_stored_once,
    nobody_is_refused,
    answers_tell_the_truth,
    reports_are_told_once,
    reports_have_one_case,
    histories_are_whole,
    orders_took_effect_once,
    moves_are_made_once,
    moves_are_told,
    moves_are_told_in_order,
    projection_is_up_to_date,
)


def _by_case(history: tuple[HistoryRow, ...]) -> dict[UUID, list[HistoryRow]]:
    entries: dict[UUID, list[HistoryRow]] = defaultdict(list)
    for entry in sorted(history, key=lambda entry: (entry.case_id, entry.sequence)):
        entries[entry.case_id].append(entry)
    return entries


def _first_copies(records: tuple[CaseRecord, ...]) -> Mapping[UUID, list[CaseRecord]]:
    first: dict[UUID, CaseRecord] = {}
    for record in sorted(records, key=lambda record: (record.partition, record.offset)):
        first.setdefault(record.event_id, record)
    by_case: dict[UUID, list[CaseRecord]] = defaultdict(list)
    for record in first.values():
        by_case[record.case_id].append(record)
    return by_case
