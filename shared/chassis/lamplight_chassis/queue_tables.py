"""Which statements build the plumbing's tables? Revisions refer to a version of them, which then never changes."""

from __future__ import annotations

QUEUE_TABLES_V1 = (
    """
    CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id uuid NOT NULL UNIQUE,
        topic text NOT NULL,
        key bytea NOT NULL,
        headers text NOT NULL,
        value bytea,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        parked_reason text
    )
    """,
    "CREATE INDEX outbox_parked ON outbox (topic, key) WHERE parked_reason IS NOT NULL",
    # A queue table is mostly dead rows: vacuum by count, not by share of a size that is nearly zero.
    """
    ALTER TABLE outbox SET (
        autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000
    )
    """,
    """
    CREATE TABLE inbox (
        event_id uuid PRIMARY KEY,
        digest bigint NOT NULL,
        claimed_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX inbox_claimed_at ON inbox USING brin (claimed_at)",
    """
    CREATE TABLE idempotency (
        key text PRIMARY KEY,
        digest bigint NOT NULL,
        status smallint NOT NULL,
        body bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX idempotency_created_at ON idempotency USING brin (created_at)",
)
