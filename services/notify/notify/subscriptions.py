"""Who wants which alerts, and over which channel?"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from lamplight_chassis.forms import Form, Text
from notify.alerts import Alert
from notify.audience import AlertKind

EVERYBODY = "*"
MIN_SECRET_BYTES = 24
MAX_SECRET_BYTES = 64
SECRET_PREFIX = "whsec_"

ChannelName = Literal["log", "webhook"]


def _each_once(kinds: tuple[AlertKind, ...]) -> tuple[AlertKind, ...]:
    if len(set(kinds)) < len(kinds):
        raise ValueError("must name each kind once")
    return kinds


class NewSubscription(Form):
    """A wish to be told."""

    recipient: Annotated[
        Text,
        Field(
            max_length=96,
            pattern=r"^(\*|command_centre|unit:[A-Za-z0-9_.-]+|report:[0-9a-f-]{36})$",
            examples=["unit:squadron_320507007", "command_centre", "*"],
        ),
    ]
    kinds: Annotated[tuple[AlertKind, ...], AfterValidator(_each_once)] = Field(
        default=(),
        max_length=len(AlertKind),
        description="Empty stands for all kinds.",
        json_schema_extra={"uniqueItems": True},
    )
    channel: ChannelName
    target: Annotated[Text, Field(min_length=1, max_length=2000, examples=["https://example.org/hook"])]
    secret: Annotated[Text, Field(max_length=128)] | None = Field(
        default=None, description="For a webhook: `whsec_` and 24 to 64 random bytes in base64 (Standard Webhooks)."
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.channel == "webhook":
            _check_address(self.target)
            _check_secret(self.secret)
        return self


@dataclass(frozen=True, slots=True)
class Subscription:
    """A destination that is told of alerts to its recipient."""

    id: UUID
    recipient: str
    kinds: frozenset[AlertKind]
    channel: str
    target: str

    def wants(self, alert: Alert) -> bool:
        """Whether an alert goes to this destination."""
        return self.recipient in (EVERYBODY, alert.recipient) and (not self.kinds or alert.kind in self.kinds)


def _check_address(target: str) -> None:
    try:
        address = urlsplit(target)
        is_good = address.scheme in ("http", "https") and bool(address.hostname) and "@" not in address.netloc
        is_good = is_good and address.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise ValueError("target must be an http or https address with a host, and no user name or password in it")


def _check_secret(secret: str | None) -> None:
    if secret is None:
        raise ValueError("secret is needed for a webhook: its receiver checks the signature with it")
    try:
        length = len(base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True))
    except ValueError as error:
        raise ValueError("secret must be base64, with or without whsec_ before it") from error
    if not MIN_SECRET_BYTES <= length <= MAX_SECRET_BYTES:
        raise ValueError(f"secret must hold {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} bytes, not {length}")
