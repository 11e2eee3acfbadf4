"""Cases are searched newest first by the time of their first report, whatever else the search asks for."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

CHANGES = (
    "DROP INDEX cases_by_zone",
    "DROP INDEX cases_by_unit",
    "DROP INDEX cases_by_category",
    "DROP INDEX cases_open",
    # Each serves "the newest that fit, page by page", from any moment on and up to any moment.
    "CREATE INDEX cases_by_time ON cases (reported_at, id)",
    "CREATE INDEX cases_by_zone ON cases (zone, reported_at, id)",
    "CREATE INDEX cases_by_unit ON cases (unit_id, reported_at, id)",
    "CREATE INDEX cases_by_category ON cases (category, reported_at, id)",
    "CREATE INDEX cases_by_source ON cases (source, reported_at, id)",
    "CREATE INDEX cases_open ON cases (state, reported_at, id) WHERE state <> 'closed'",
)


def upgrade() -> None:
    for statement in CHANGES:
        op.execute(statement)
