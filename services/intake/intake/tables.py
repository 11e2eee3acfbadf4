"""What do all tables of intake share, apart from the other services'?"""

from __future__ import annotations

from sqlalchemy import MetaData
from sqlmodel import SQLModel

from lamplight_chassis.idempotency import idempotency_table
from lamplight_chassis.inbox import inbox_table
from lamplight_chassis.outbox import outbox_table

metadata_of_intake = MetaData()
outbox_table(metadata_of_intake)
inbox_table(metadata_of_intake)
idempotency_table(metadata_of_intake)


class IntakeTable(SQLModel):
    """Base of intake's own tables: one MetaData, whichever part of the service they belong to."""

    metadata = metadata_of_intake
