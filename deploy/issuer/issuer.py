"""Which tokens does the laptop's issuer hand out, and what does it publish about itself?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from joserfc import jwt
from joserfc.jws import JWSRegistry

from deploy.issuer.signing_keys import SigningKeys
from lamplight_chassis.clock import Clock, new_id, utc_now

AUDIENCE = "lamplight"
LIFETIME_S = 3600
MAX_LIFETIME_S = 86_400


class _AnyAlgorithm(JWSRegistry):
    """The library warns of EdDSA at each use; it is what most issuers with an Ed25519 key write."""

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


class Issuer:
    """Believes whatever it is told, which is why it must be reachable from nowhere else.

    Arguments:
        url: the `iss` of its tokens, without a slash at its end.
    """

    def __init__(self, url: str, *, keys: SigningKeys, audience: str = AUDIENCE, now: Clock = utc_now) -> None:
        self.url = url
        self.audience = audience
        self.keys = keys
        self._now = now

    @property
    def variables(self) -> Mapping[str, str]:
        """What a service needs in its environment to believe this issuer."""
        return {"RIGHTS_MODE": "enforced", "RIGHTS_ISSUER": self.url, "RIGHTS_AUDIENCE": self.audience}

    def token(
        self,
        client_id: str,
        *,
        roles: Sequence[str],
        scopes: Mapping[str, Sequence[str]] | None = None,
        lifetime_s: float = LIFETIME_S,
    ) -> str:
        """A token for a client in these roles, restricted by these scopes."""
        now_s = int(self._now().timestamp())
        claims = {
            "iss": self.url,
            "aud": self.audience,
            "sub": client_id,
            "iat": now_s,
            "nbf": now_s,
            "exp": now_s + int(lifetime_s),
            "jti": str(new_id()),
            "roles": list(roles),
            "scopes": {dimension: list(values) for dimension, values in (scopes or {}).items()},
        }
        return self.sign(claims)

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A token that says just this."""
        key = self.keys.signing
        header = {"alg": str(key.alg), "kid": str(key.kid)}
        return jwt.encode(header, dict(claims), key, registry=_AnyAlgorithm())

    def discovery(self) -> Mapping[str, Any]:
        """The OpenID Connect discovery document, as far as it applies."""
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint": f"{self.url}/token",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [str(self.keys.signing.alg)],
        }
