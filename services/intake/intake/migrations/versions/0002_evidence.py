"""Evidence: photos, what they are evidence of, and uploads on their way."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

CHANGES: tuple[str, ...] = (
    """
    CREATE TABLE photos (
        sha256 text PRIMARY KEY,
        format text NOT NULL,
        size_bytes integer NOT NULL,
        width_px integer NOT NULL,
        height_px integer NOT NULL,
        likeness bigint,
        shot_at timestamptz,
        shot_longitude_deg double precision,
        shot_latitude_deg double precision,
        touched_at timestamptz NOT NULL,
        is_named boolean NOT NULL DEFAULT false
    )
    """,
    # What the sweep looks at: the photos of the last hours, never those of the years before.
    "CREATE INDEX ix_photos_unnamed ON photos (touched_at) WHERE NOT is_named",
    """
    CREATE TABLE evidence (
        id uuid PRIMARY KEY,
        report_id uuid NOT NULL,
        sha256 text NOT NULL REFERENCES photos (sha256),
        kind text NOT NULL,
        verdict text NOT NULL,
        reason_zh text NOT NULL,
        reason_en text NOT NULL,
        added_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX ix_evidence_report_id_sha256 ON evidence (report_id, sha256)",
    "CREATE INDEX ix_evidence_sha256 ON evidence (sha256)",
    """
    CREATE TABLE uploads (
        id uuid PRIMARY KEY,
        length_bytes integer NOT NULL,
        offset_bytes integer NOT NULL DEFAULT 0,
        expected_sha256 text,
        expires_at timestamptz NOT NULL,
        sha256 text REFERENCES photos (sha256),
        refusal_reason text,
        refusal_detail text,
        CONSTRAINT uploads_offset_bytes CHECK (offset_bytes BETWEEN 0 AND length_bytes)
    )
    """,
    "CREATE INDEX ix_uploads_expires_at ON uploads (expires_at)",
    "CREATE INDEX ix_uploads_sha256 ON uploads (sha256)",
    """
    CREATE TABLE upload_parts (
        upload_id uuid NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
        offset_bytes integer NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (upload_id, offset_bytes)
    )
    """,
    # Photos are compressed already: to try it again would cost time and save nothing.
    "ALTER TABLE upload_parts ALTER COLUMN content SET STORAGE EXTERNAL",
)


def upgrade() -> None:
    for statement in CHANGES:
        op.execute(statement)
