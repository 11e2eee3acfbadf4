"""Which settings does intake read?"""

from __future__ import annotations

from pydantic import AliasChoices, Field

from intake.evidence.settings import EvidenceSettings
from lamplight_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The shared settings, with intake's own database and port, and those of its parts."""

    database_url: str = Field(
        default="postgresql://localhost/intake", validation_alias=AliasChoices("INTAKE_DATABASE_URL", "database_url")
    )
    port: int = Field(default=8001, ge=1, le=65535, validation_alias=AliasChoices("INTAKE_PORT", "port"))
    evidence: EvidenceSettings = Field(default_factory=EvidenceSettings)
