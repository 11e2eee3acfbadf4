"""Which settings does every service have?"""

from __future__ import annotations

import re
import socket
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from lamplight_chassis.rights.settings import RightsSettings

# Topics and dead letters live for 30 days; an event that is forgotten sooner takes effect a second time when it is read
# or replayed again.
MIN_INBOX_KEEP_DAYS = 31
# Leaves room for a port.
MAX_HOST_LENGTH = 58


class ServiceSettings(BaseSettings):
    """Read from the environment; a service adds its own `database_url` variable and fields."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    kafka_bootstrap_servers: Annotated[str, Field(min_length=3)] = "127.0.0.1:9092"
    database_url: str
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    instance_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = Field(default=None, validate_default=True)
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    database_pool_size: Annotated[int, Field(ge=2, le=100)] = 8
    consumer_batch_records: Annotated[int, Field(ge=1, le=5000)] = 500
    consumer_session_timeout_ms: Annotated[int, Field(ge=1000, le=300_000)] = 10_000
    consumer_stall_s: Annotated[float, Field(gt=0)] = 60.0
    stuck_exit_s: Annotated[float, Field(ge=1)] = 120.0
    inbox_keep_days: Annotated[int, Field(ge=MIN_INBOX_KEEP_DAYS)] = MIN_INBOX_KEEP_DAYS
    idempotency_keep_days: Annotated[int, Field(ge=1)] = 31
    rights: RightsSettings = Field(default_factory=RightsSettings)

    @field_validator("instance_id", mode="before")
    @classmethod
    def _or_host_and_port(cls, value: object, info: ValidationInfo) -> object:
        """The same after each restart, another for each instance on a host: two of one name drive each other out."""
        if value is not None:
            return value
        host = re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname())
        return f"{host[:MAX_HOST_LENGTH]}-{info.data.get('port')}"

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: str) -> str:
        try:
            is_postgresql = make_url(value).drivername.startswith("postgresql")
        except ArgumentError:
            is_postgresql = False
        if not is_postgresql:
            raise ValueError("must be a postgresql:// address; no other database is supported")
        return value

    @property
    def sqlalchemy_url(self) -> URL:
        return make_url(self.database_url).set(drivername="postgresql+asyncpg")

    @property
    def asyncpg_dsn(self) -> str:
        return make_url(self.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
