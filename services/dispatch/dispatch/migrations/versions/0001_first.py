"""The first tables of dispatch: cases, their history, and the queues of the plumbing."""

from __future__ import annotations

from alembic import op

from lamplight_chassis.queue_tables import QUEUE_TABLES_V1

revision = "0001"
down_revision = None

TABLES = (
    # Updated five times in its life: room for the new versions on the same page keeps most indexes untouched.
    """
    CREATE TABLE cases (
        id uuid PRIMARY KEY,
        state text NOT NULL,
        sequence integer NOT NULL,
        category text NOT NULL,
        zone text NOT NULL,
        source text NOT NULL,
        longitude_deg double precision NOT NULL,
        latitude_deg double precision NOT NULL,
        summary text NOT NULL,
        reported_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        report_ids uuid[] NOT NULL,
        unit_id text,
        assignment_id uuid
    ) WITH (fillfactor = 70)
    """,
    # Ids grow with time, so each of these serves "the newest that fit, page by page".
    "CREATE INDEX cases_by_zone ON cases (zone, id)",
    "CREATE INDEX cases_by_unit ON cases (unit_id, id)",
    "CREATE INDEX cases_by_category ON cases (category, id)",
    # Closed cases are nearly all there are: only the open ones are worth an index by state.
    "CREATE INDEX cases_open ON cases (state, id) WHERE state <> 'closed'",
    """
    CREATE TABLE case_history (
        case_id uuid NOT NULL,
        sequence integer NOT NULL,
        operation text NOT NULL,
        state_before text,
        state_after text NOT NULL,
        actor text NOT NULL,
        occurred_at timestamptz NOT NULL,
        event_id uuid NOT NULL,
        details jsonb NOT NULL,
        PRIMARY KEY (case_id, sequence)
    )
    """,
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'case_history is append-only'; END $$
    """,
    """
    CREATE TRIGGER case_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
)


def upgrade() -> None:
    for statement in (*QUEUE_TABLES_V1, *TABLES):
        op.execute(statement)
