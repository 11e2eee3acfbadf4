"""Did everybody learn what they must know, once in effect, and is nothing left behind?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from itertools import pairwise
from uuid import UUID

from tests.chaos.evidence import Evidence, Receipt
from tests.chaos.violation import Kind, Rule, Violation

WEBHOOK = "webhook"
DELIVERED = "delivered"
DELIVERED_TYPE = "grid.alert.delivered.v1"
SUCCESS = range(200, 300)


def events_alert_each_recipient_once(seen: Evidence) -> Iterator[Violation]:
    """One alert per event and recipient who must know, and no other."""
    due = {(record.event_id, recipient) for record in seen.case_records for recipient in record.recipients}
    made = Counter((alert.event_id, alert.recipient) for alert in seen.alerts)
    for event_id, recipient in due - made.keys():
        yield Violation(Kind.LOST, "alert_missing", str(event_id), recipient)
    for (event_id, recipient), count in made.items():
        if (event_id, recipient) not in due:
            yield Violation(Kind.DOUBLED, "alert_without_event", str(event_id), recipient)
        elif count > 1:
            yield Violation(Kind.DOUBLED, "alert_made_twice", str(event_id), f"{recipient}, {count} alerts")


def alerts_go_to_each_destination_once(seen: Evidence) -> Iterator[Violation]:
    """One delivery per alert and destination, and each one arrived."""
    made = Counter((delivery.alert_id, delivery.subscription_id) for delivery in seen.deliveries)
    for alert in seen.alerts:
        for subscription_id in seen.subscription_ids:
            if not made[alert.id, subscription_id]:
                yield Violation(Kind.LOST, "delivery_missing", str(alert.id), f"to {subscription_id}")
    for (alert_id, subscription_id), count in made.items():
        if count > 1:
            yield Violation(Kind.DOUBLED, "delivery_made_twice", str(alert_id), f"{count} to {subscription_id}")
    for delivery in seen.deliveries:
        if delivery.state != DELIVERED:
            yield Violation(Kind.STUCK, "delivery_unfinished", str(delivery.id), delivery.state)


def deliveries_are_told_once(seen: Evidence) -> Iterator[Violation]:
    """Each finished delivery is told under one event id, and as delivered."""
    told: dict[UUID, set[UUID]] = defaultdict(set)
    for record in seen.alert_records:
        told[record.delivery_id].add(record.event_id)
        if record.type != DELIVERED_TYPE:
            yield Violation(Kind.STUCK, "delivery_given_up", str(record.delivery_id), record.type)
    for delivery in seen.deliveries:
        ids = told.pop(delivery.id, set())
        if delivery.state == DELIVERED and not ids:
            yield Violation(Kind.LOST, "delivery_not_told", str(delivery.id))
        if len(ids) > 1:
            yield Violation(Kind.DOUBLED, "delivery_told_twice", str(delivery.id), f"{len(ids)} event ids")
    for delivery_id in told:
        yield Violation(Kind.DOUBLED, "told_delivery_never_made", str(delivery_id))


def webhooks_arrive(seen: Evidence) -> Iterator[Violation]:
    """What counts as delivered was taken by the receiver at least once, and nothing unknown came."""
    taken = {receipt.webhook_id for receipt in seen.receipts if receipt.status in SUCCESS}
    made = {delivery.id for delivery in seen.deliveries if delivery.channel == WEBHOOK}
    finished = {d.id for d in seen.deliveries if d.channel == WEBHOOK and d.state == DELIVERED}
    for delivery_id in finished - taken:
        yield Violation(Kind.LOST, "webhook_never_arrived", str(delivery_id))
    for webhook_id in {receipt.webhook_id for receipt in seen.receipts} - made:
        yield Violation(Kind.DOUBLED, "webhook_without_delivery", str(webhook_id))


def webhooks_keep_their_word(seen: Evidence) -> Iterator[Violation]:
    """A repetition has the id and the content of the first; one matter has one id; every one is signed."""
    first: dict[UUID, Receipt] = {}
    ids: dict[str, set[UUID]] = defaultdict(set)
    for receipt in seen.receipts:
        ids[receipt.matter].add(receipt.webhook_id)
        if receipt.content != first.setdefault(receipt.webhook_id, receipt).content:
            yield Violation(Kind.DOUBLED, "webhook_changed", str(receipt.webhook_id), receipt.matter)
        if not receipt.is_signed:
            yield Violation(Kind.LOST, "webhook_not_signed", str(receipt.webhook_id), receipt.matter)
    for matter, webhook_ids in ids.items():
        if len(webhook_ids) > 1:
            yield Violation(Kind.DOUBLED, "told_under_two_ids", matter, f"{sorted(map(str, webhook_ids))}")


def streams_show_every_alert_once(seen: Evidence) -> Iterator[Violation]:
    """Each listener saw each position once, in order, through every lost connection."""
    made = {alert.position for alert in seen.alerts}
    for number, positions in enumerate(seen.streams, start=1):
        yield from _faults_of_stream(f"listener {number}", positions, made)


def nothing_is_left(seen: Evidence) -> Iterator[Violation]:
    """No event waits to be sent, none to be handled, and none had to be parked."""
    for service, count in (seen.outbox_rows or {}).items():
        if count:
            yield Violation(Kind.STUCK, "outbox_not_empty", service, f"{count} rows")
    for place, count in (seen.lag or {}).items():
        if count:
            yield Violation(Kind.STUCK, "consumer_behind", place, f"{count} records")
    for letter in seen.dead_letters:
        yield Violation(Kind.STUCK, "dead_letter", letter.event_id, f"{letter.topic}: {letter.reason}")


ALERT_RULES: tuple[Rule, ...] = (
    events_alert_each_recipient_once,
    alerts_go_to_each_destination_once,
    deliveries_are_told_once,
    webhooks_arrive,
    webhooks_keep_their_word,
    streams_show_every_alert_once,
    nothing_is_left,
)


def _faults_of_stream(listener: str, positions: Sequence[int], made: Set[int]) -> Iterator[Violation]:
    shown = Counter(positions)
    for position in sorted(made - shown.keys()):
        yield Violation(Kind.LOST, "stream_left_out", str(position), listener)
    for position, count in shown.items():
        if position not in made:
            yield Violation(Kind.DOUBLED, "stream_invented", str(position), listener)
        elif count > 1:
            yield Violation(Kind.DOUBLED, "stream_repeated", str(position), f"{listener}, {count} times")
    for earlier, later in pairwise(positions):
        if later < earlier:
            yield Violation(Kind.DISORDER, "stream_went_back", str(later), f"{listener}, after {earlier}")
