"""Whom does an instance believe, and does it ask at all?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, TypeAdapter, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_URL = TypeAdapter(HttpUrl)


class RightsSettings(BaseSettings):
    """Read from the environment, each name with `RIGHTS_` before it."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="RIGHTS_", env_ignore_empty=True)

    mode: Annotated[
        Literal["enforced", "open"],
        Field(description="`open` lets everybody do everything: for a laptop, or a network where only friends are."),
    ] = "enforced"
    issuer: Annotated[str | None, Field(description="The `iss` of tokens, exactly as the issuer writes it.")] = None
    audience: Annotated[str | None, Field(description="The `aud` that tokens for this system carry.")] = None
    jwks_url: Annotated[
        str | None,
        Field(description="Where the issuer's keys are; asked of the issuer's discovery document otherwise."),
    ] = None
    key_file: Annotated[Path | None, Field(description="The CSV file of API keys.")] = None
    roles_claim: Annotated[str, Field(min_length=1, description="A claim, or a path such as `realm_access.roles`.")] = (
        "roles"
    )
    scopes_claim: Annotated[str, Field(min_length=1)] = "scopes"
    leeway_s: Annotated[int, Field(ge=0, le=300)] = 60
    jwks_refresh_s: Annotated[float, Field(gt=0)] = 300.0
    jwks_retry_s: Annotated[float, Field(gt=0, description="At most so often does an unknown key id ask again.")] = 30.0
    jwks_keep_s: Annotated[float, Field(gt=0, description="So long are keys trusted while the issuer is away.")] = (
        86_400.0
    )

    @field_validator("issuer", "jwks_url")
    @classmethod
    def _is_a_url(cls, value: str | None) -> str | None:
        if value is not None:
            _URL.validate_python(value)  # checked, and kept as written: an issuer is compared letter by letter
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.issuer is not None and not self.audience:
            raise ValueError(
                "RIGHTS_AUDIENCE is needed with RIGHTS_ISSUER: tokens for other systems must not work here"
            )
        if self.issuer is None and self.jwks_url is not None:
            raise ValueError("RIGHTS_ISSUER is needed with RIGHTS_JWKS_URL")
        return self
