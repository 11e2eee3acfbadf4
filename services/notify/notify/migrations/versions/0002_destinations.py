"""Deliveries are looked for destination by destination, and an alert knows the trace that it belongs to."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

CHANGES = (
    "ALTER TABLE alerts ADD COLUMN traceparent text",
    "DROP INDEX deliveries_due",
    "CREATE INDEX deliveries_due ON deliveries (subscription_id, due_at) WHERE state = 'pending'",
)


def upgrade() -> None:
    for statement in CHANGES:
        op.execute(statement)
