"""Where do photos lie, and how large and how long may they be on their way?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MB = 1024 * 1024


class EvidenceSettings(BaseSettings):
    """Read from the environment, each name with `EVIDENCE_` before it; with a bucket the folder is not used."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="EVIDENCE_", env_ignore_empty=True)

    folder: Annotated[Path, Field(description="Several instances must share it.")] = Path("build/evidence")
    s3_bucket: str = ""
    s3_region: str = ""
    s3_endpoint: Annotated[str, Field(description="Whatever else speaks S3; AWS itself when empty.")] = ""
    s3_prefix: str = ""
    s3_access_key_id: str = ""
    s3_secret_access_key: SecretStr = SecretStr("")
    max_bytes: Annotated[int, Field(ge=1024, le=100 * MB)] = 10 * MB
    max_pixels: Annotated[int, Field(ge=1_000_000, le=200_000_000)] = 52_000_000
    timezone: Annotated[str, Field(min_length=1, description="Of cameras that write no zone.")] = "Asia/Shanghai"
    workers: Annotated[int, Field(ge=1, le=16)] = 2
    link_keys: Annotated[
        SecretStr,
        Field(description="One key or two in base64, the newest first; links end with the process when empty."),
    ] = SecretStr("")
    link_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    sweep_grace_minutes: Annotated[int, Field(ge=5)] = 60
    upload_hours: Annotated[int, Field(ge=1)] = 24
