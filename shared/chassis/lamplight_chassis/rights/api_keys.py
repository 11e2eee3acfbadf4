"""What does an API key look like, and what of it is kept?

A key is `lk_<id>_<secret>`. The secret is 256 random bits, so that nobody can try them all, however fast a hash is: one
SHA-256 is kept and compared. A slow hash such as bcrypt protects passwords, which people choose and others guess; here
it would only make each request dear, and our processors an easy target.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from lamplight_chassis.rights.caller import Caller

SECRET_BYTES = 32
ID_BYTES = 6
ID = re.compile(r"[a-z0-9]{4,32}")
HASH = re.compile(r"[0-9a-f]{64}")
KEY = re.compile(rf"lk_({ID.pattern})_([A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key: never its secret."""

    id: str
    hash: str
    caller: Caller
    expires_at: datetime | None

    def fits(self, secret: str) -> bool:
        """Whether this is the secret; takes equally long for every wrong one."""
        return compare_digest(hash_of(secret), self.hash)


def hash_of(secret: str) -> str:
    """The SHA-256 of a secret, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def split_key(text: str) -> tuple[str, str] | None:
    """The id and the secret of a key, None when the text is none."""
    found = KEY.fullmatch(text)
    return (found[1], found[2]) if found else None


def make_key() -> tuple[str, str, str]:
    """A new key: its text, its id and its hash. The text exists nowhere else."""
    key_id, secret = secrets.token_hex(ID_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    return f"lk_{key_id}_{secret}", key_id, hash_of(secret)
