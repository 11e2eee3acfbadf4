"""Which settings does dispatch read?"""

from __future__ import annotations

from pydantic import AliasChoices, Field

from lamplight_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The shared settings, with dispatch's own database and port."""

    database_url: str = Field(
        default="postgresql://localhost/dispatch",
        validation_alias=AliasChoices("DISPATCH_DATABASE_URL", "database_url"),
    )
    port: int = Field(default=8002, ge=1, le=65535, validation_alias=AliasChoices("DISPATCH_PORT", "port"))
