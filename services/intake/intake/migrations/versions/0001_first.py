"""The first tables of intake: reports, the projection of their cases, and the queues of the plumbing."""

from __future__ import annotations

from alembic import op

from lamplight_chassis.queue_tables import QUEUE_TABLES_V1

revision = "0001"
down_revision = None

TABLES = (
    """
    CREATE TABLE reports (
        id uuid PRIMARY KEY,
        case_id uuid NOT NULL,
        source text NOT NULL,
        category text NOT NULL,
        zone text NOT NULL,
        longitude_deg double precision NOT NULL,
        latitude_deg double precision NOT NULL,
        description text NOT NULL,
        observed_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        outcome text,
        reporter_ref text
    )
    """,
    "CREATE INDEX ix_reports_case_id ON reports (case_id)",
    # One row per case, changed five times in its life and never in an indexed column: leave room for the new versions.
    """
    CREATE TABLE case_status (
        case_id uuid PRIMARY KEY,
        state text NOT NULL,
        sequence integer NOT NULL,
        unit_id text,
        changed_at timestamptz NOT NULL
    ) WITH (fillfactor = 60)
    """,
)


def upgrade() -> None:
    for statement in (*QUEUE_TABLES_V1, *TABLES):
        op.execute(statement)
