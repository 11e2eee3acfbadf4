"""What does the evidence of a good run look like, so that a test can spoil one thing in it?"""

from __future__ import annotations

from uuid import UUID

from tests.chaos.evidence import (
    AlertRecord,
    AlertRow,
    CarriedOrder,
    CaseRecord,
    CaseRow,
    DeliveryRow,
    Evidence,
    HistoryRow,
    Receipt,
    ReportRecord,
    ReportRow,
    SentReport,
    StatusRow,
)

REPORT, CASE, LOG, HOOK = (UUID(int=number) for number in (1, 2, 3, 4))
OPERATIONS = (
    ("report", "reported", ()),
    ("file", "pending_dispatch", ()),
    ("dispatch", "dispatched", ("unit:squadron",)),
    ("accept", "handling", ()),
)
EVENTS = tuple(UUID(int=100 + number) for number in range(len(OPERATIONS)))
ALERT, LOG_DELIVERY, HOOK_DELIVERY = (UUID(int=number) for number in (200, 201, 202))


def good_evidence() -> Evidence:
    """One report, accepted by a squadron and told to a log and a webhook; the webhook needed two tries."""
    return Evidence(
        sent_reports=(SentReport("r1", frozenset({(REPORT, CASE)})),),
        carried_orders=(CarriedOrder("o1", CASE, "accept", 4),),
        reports=(ReportRow(REPORT, CASE, "r1"),),
        cases=(CaseRow(CASE, "handling", 4, (REPORT,)),),
        history=tuple(
            HistoryRow(CASE, number + 1, operation, state, EVENTS[number])
            for number, (operation, state, _) in enumerate(OPERATIONS)
        ),
        statuses=(StatusRow(CASE, "handling", 4),),
        report_records=(ReportRecord(UUID(int=50), REPORT),) * 2,
        case_records=tuple(
            CaseRecord(0, number, EVENTS[number], CASE, number + 1, state, recipients)
            for number, (_, state, recipients) in enumerate(OPERATIONS)
        ),
        alert_records=(
            AlertRecord(UUID(int=300), LOG_DELIVERY, "grid.alert.delivered.v1"),
            AlertRecord(UUID(int=301), HOOK_DELIVERY, "grid.alert.delivered.v1"),
        ),
        alerts=(AlertRow(ALERT, 7, EVENTS[2], "unit:squadron"),),
        deliveries=(
            DeliveryRow(LOG_DELIVERY, ALERT, LOG, "log", "delivered"),
            DeliveryRow(HOOK_DELIVERY, ALERT, HOOK, "webhook", "delivered"),
        ),
        subscription_ids=(LOG, HOOK),
        receipts=(hook_receipt(status=500), hook_receipt()),
        streams=((7,), (7,)),
        outbox_rows={"intake": 0, "dispatch": 0, "notify": 0},
        lag={"dispatch grid.reports": 0},
    )


def hook_receipt(
    *, webhook_id: UUID = HOOK_DELIVERY, content: str = "digest", status: int = 200, is_signed: bool = True
) -> Receipt:
    """A webhook that tells the squadron of the case."""
    return Receipt(webhook_id, f"alert.case_assigned {CASE} unit:squadron", content, status, is_signed)
