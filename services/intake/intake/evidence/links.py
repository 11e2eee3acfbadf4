"""May whoever holds this link look at this photo, and for how long?

A link carries its right with it: what it leads to, until when, and a signature (HMAC-SHA256) over both that only
intake can make. It is given to those who were asked for their rights before.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from intake.evidence.objects import SHOWN, Copy
from lamplight_chassis.errors import Rejected

MIN_KEY_BYTES = 32
MAX_KEYS = 2

_MOMENT = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """The keys that links are signed with: the first signs, all are accepted, so that a key can be replaced while
    links made with it are about."""

    keys: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= MAX_KEYS:
            raise ValueError(f"EVIDENCE_LINK_KEYS: must be one key or two, not {len(self.keys)}")
        if any(len(key) < MIN_KEY_BYTES for key in self.keys):
            raise ValueError(f"EVIDENCE_LINK_KEYS: each key must have at least {MIN_KEY_BYTES} bytes")

    @staticmethod
    def read(setting: str) -> LinkKeys:
        """Keys in base64, the newest first, with a comma between.

        Raises:
            ValueError: names the rule that is broken, never a key.
        """
        try:
            return LinkKeys(tuple(base64.b64decode(item.strip(), validate=True) for item in setting.split(",")))
        except binascii.Error:
            raise ValueError("EVIDENCE_LINK_KEYS: each key must be base64") from None

    @staticmethod
    def made_up() -> LinkKeys:
        """For a laptop: links that end with the process."""
        return LinkKeys((secrets.token_bytes(MIN_KEY_BYTES),))


def link_to(keys: LinkKeys, evidence_id: UUID, copy: Copy, *, now: datetime, lives: timedelta) -> str:
    """The path and query under which a copy can be looked at for a while."""
    if copy not in SHOWN:
        raise ValueError(f"copy: there is no link to the {copy}")
    expires_s = int((now + lives).timestamp())
    signature = _sign(keys.keys[0], evidence_id, copy, expires_s)
    return f"/v1/evidence/{evidence_id}/{copy}?expires={expires_s}&signature={signature}"


def check_link(
    keys: LinkKeys, evidence_id: UUID, copy: Copy, *, expires: str, signature: str, now: datetime
) -> timedelta:
    """How long a link still holds.

    Raises:
        Rejected: `link_refused`, it is not ours or was altered; `link_expired`, it held once.
    """
    expires_s = int(expires) if _MOMENT.fullmatch(expires) else -1
    offered = signature.encode("utf-8", "replace")
    fits = [hmac.compare_digest(_sign(key, evidence_id, copy, expires_s).encode(), offered) for key in keys.keys]
    if expires_s < 0 or not any(fits):
        raise Rejected("link_refused", "signature: is not that of this link")
    left = timedelta(seconds=expires_s - now.timestamp())
    if left <= timedelta():
        raise Rejected("link_expired", "expires: lies in the past, ask for a new link")
    return left


def _sign(key: bytes, evidence_id: UUID, copy: Copy, expires_s: int) -> str:
    text = f"{evidence_id}\n{copy}\n{expires_s}"
    return base64.urlsafe_b64encode(hmac.digest(key, text.encode(), hashlib.sha256)).rstrip(b"=").decode()
