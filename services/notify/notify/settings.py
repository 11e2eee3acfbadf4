"""Which settings does notify read?"""

from __future__ import annotations

from pydantic import AliasChoices, Field

from lamplight_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The shared settings, with notify's own database, port and limits of delivery."""

    database_url: str = Field(
        default="postgresql://localhost/notify", validation_alias=AliasChoices("NOTIFY_DATABASE_URL", "database_url")
    )
    port: int = Field(default=8003, ge=1, le=65535, validation_alias=AliasChoices("NOTIFY_PORT", "port"))
    webhook_allow_private: bool = Field(
        default=False,
        validation_alias=AliasChoices("NOTIFY_WEBHOOK_ALLOW_PRIVATE", "webhook_allow_private"),
        description="Let webhooks go to loopback, private and link-local addresses.",
    )
    delivery_max_tries: int = Field(
        default=12, ge=1, le=50, validation_alias=AliasChoices("NOTIFY_DELIVERY_MAX_TRIES", "delivery_max_tries")
    )
    alerts_keep_days: int = Field(
        default=90,
        ge=1,
        validation_alias=AliasChoices("NOTIFY_ALERTS_KEEP_DAYS", "alerts_keep_days"),
        description="An alert and its deliveries are deleted so long after the last of them ended.",
    )
    delivery_lease_s: float = Field(
        default=30.0, gt=0, validation_alias=AliasChoices("NOTIFY_DELIVERY_LEASE_S", "delivery_lease_s")
    )
