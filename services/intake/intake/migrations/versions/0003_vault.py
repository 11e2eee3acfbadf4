"""The vault."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

CHANGES: tuple[str, ...] = (
    # What is sealed is all there or not at all, and GCM without its 96-bit nonce is no GCM.
    """
    CREATE TABLE vault_entries (
        id uuid PRIMARY KEY,
        owner_id uuid NOT NULL,
        party text NOT NULL,
        kind text NOT NULL,
        report_id uuid NOT NULL,
        case_id uuid NOT NULL,
        zone text NOT NULL,
        is_confidential boolean NOT NULL,
        key_id text,
        nonce bytea,
        ciphertext bytea,
        fingerprint bytea,
        kept_at timestamptz NOT NULL,
        locked_at timestamptz,
        emptied_at timestamptz,
        CONSTRAINT vault_entries_sealed_or_emptied CHECK (
            num_nonnulls(key_id, nonce, ciphertext) = CASE WHEN emptied_at IS NULL THEN 3 ELSE 0 END
        ),
        CONSTRAINT vault_entries_nonce CHECK (octet_length(nonce) = 12)
    )
    """,
    "CREATE UNIQUE INDEX vault_entries_by_owner ON vault_entries (owner_id, kind)",
    "CREATE INDEX vault_entries_by_case ON vault_entries (case_id)",
    "CREATE INDEX vault_entries_by_report ON vault_entries (report_id)",
    "CREATE INDEX vault_entries_by_fingerprint ON vault_entries (fingerprint) WHERE fingerprint IS NOT NULL",
    "CREATE INDEX vault_entries_by_key ON vault_entries (key_id, id) WHERE key_id IS NOT NULL",
    "CREATE INDEX vault_entries_by_age ON vault_entries (party, kind, kept_at) WHERE emptied_at IS NULL",
    "CREATE INDEX vault_entries_locked ON vault_entries (id) WHERE locked_at IS NOT NULL",
    """
    CREATE TABLE vault_audit (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        role text NOT NULL,
        purpose text NOT NULL,
        case_id uuid,
        entry_id uuid,
        owner_id uuid,
        kind text,
        is_allowed boolean NOT NULL,
        reason text NOT NULL,
        correlation_id text
    )
    """,
    "CREATE INDEX vault_audit_by_entry ON vault_audit (entry_id, id)",
    "CREATE INDEX vault_audit_by_owner ON vault_audit (owner_id, id)",
    """
    CREATE TABLE vault_consents (
        id uuid PRIMARY KEY,
        owner_id uuid NOT NULL,
        scope text NOT NULL,
        text_version text NOT NULL,
        channel text NOT NULL,
        given_at timestamptz NOT NULL,
        withdrawn_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX vault_consents_in_force ON vault_consents (owner_id, scope) WHERE withdrawn_at IS NULL",
    "CREATE INDEX vault_consents_by_owner ON vault_consents (owner_id)",
    """
    CREATE TABLE vault_deletions (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        entry_id uuid NOT NULL,
        party text NOT NULL,
        kind text NOT NULL,
        rule text NOT NULL,
        remainder text NOT NULL,
        deleted_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX vault_deletions_by_entry ON vault_deletions (entry_id)",
    """
    CREATE FUNCTION refuse_vault_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
    """,
    """
    CREATE TRIGGER vault_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault_audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_vault_change()
    """,
    """
    CREATE TRIGGER vault_deletions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault_deletions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_vault_change()
    """,
)


def upgrade() -> None:
    for statement in CHANGES:
        op.execute(statement)
