"""The first tables of notify: subscriptions, alerts, deliveries, and the queues of the plumbing."""

from __future__ import annotations

from alembic import op

from lamplight_chassis.queue_tables import QUEUE_TABLES_V1

revision = "0001"
down_revision = None

TABLES = (
    """
    CREATE TABLE subscriptions (
        id uuid PRIMARY KEY,
        recipient text NOT NULL,
        kinds text[] NOT NULL,
        channel text NOT NULL,
        target text NOT NULL,
        secret text,
        created_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_subscriptions_recipient ON subscriptions (recipient)",
    """
    CREATE TABLE alerts (
        id uuid PRIMARY KEY,
        position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        event_id uuid NOT NULL,
        case_id uuid NOT NULL,
        recipient text NOT NULL,
        kind text NOT NULL,
        category text NOT NULL,
        zone text NOT NULL,
        text_zh text NOT NULL,
        text_en text NOT NULL,
        correlation_id text NOT NULL,
        created_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE deliveries (
        id uuid PRIMARY KEY,
        alert_id uuid NOT NULL,
        subscription_id uuid NOT NULL,
        state text NOT NULL,
        tries integer NOT NULL,
        due_at timestamptz NOT NULL,
        finished_at timestamptz,
        last_error text
    ) WITH (fillfactor = 70)
    """,
    "CREATE INDEX ix_deliveries_alert_id ON deliveries (alert_id)",
    "CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'pending'",
    # A fresh installation writes every alert to its log, until somebody removes this row.
    """
    INSERT INTO subscriptions (id, recipient, kinds, channel, target, created_at)
    VALUES ('00000000-0000-7000-8000-000000000001', '*', '{}', 'log', 'log', now())
    """,
)


def upgrade() -> None:
    for statement in (*QUEUE_TABLES_V1, *TABLES):
        op.execute(statement)
