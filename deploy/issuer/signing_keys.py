"""With which keys does the laptop's issuer sign, and where are they kept?"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, generate_key, import_key

from deploy.local.failure import CannotRun

FILE = "signing-keys.json"
OWNER_ONLY = 0o600
KEPT = 2

Algorithm = Literal["RS256", "ES256", "EdDSA"]


class SigningKeys:
    """The newest key signs; the one before it still checks, so that a rotation breaks no token.

    Raises:
        CannotRun: others may read the file, or it is not ours.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._keys = self._load()
        if not self._keys:
            self.rotate()

    @property
    def signing(self) -> Key:
        return self._keys[0]

    def public(self) -> Mapping[str, Any]:
        """The JWK set for whoever checks tokens."""
        return {"keys": [key.as_dict(private=False) for key in self._keys]}

    def rotate(self, algorithm: Algorithm = "EdDSA") -> None:
        """Sign with a new key from now on."""
        self._keys = [make_key(algorithm), *self._keys][:KEPT]
        self._save()

    def forget_older(self) -> None:
        """Tokens of every key but the newest are good no more."""
        self._keys = self._keys[:1]
        self._save()

    def _load(self) -> list[Key]:
        if not self._path.exists():
            return []
        if self._path.stat().st_mode & 0o077:
            raise CannotRun(f"{self._path} can be read by others: remove it, or chmod 600.")
        return [import_key(data) for data in json.loads(self._path.read_text())]

    def _save(self) -> None:
        """Others can read the file at no moment, and it is never half written."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as file:
            json.dump([key.as_dict(private=True) for key in self._keys], file)
        fresh.replace(self._path)


def make_key(algorithm: Algorithm) -> Key:
    """A new key pair with an id of its own."""
    key = _generate(algorithm)
    return type(key).import_key({**key.as_dict(private=True), "kid": key.thumbprint(), "alg": algorithm, "use": "sig"})


def _generate(algorithm: Algorithm) -> RSAKey | ECKey | OKPKey:
    match algorithm:
        case "RS256":
            return generate_key("RSA", 2048)
        case "ES256":
            return generate_key("EC", "P-256")
        case "EdDSA":
            return generate_key("OKP", "Ed25519")
