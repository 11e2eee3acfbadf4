"""Which roles and scopes do the claims of a token give?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lamplight_chassis.rights.caller import Caller, Scopes, Vocabulary
from lamplight_chassis.rights.refusals import Refused
from lamplight_chassis.rights.settings import RightsSettings

MAX_NAME_LENGTH = 256


def caller_from(claims: Mapping[str, Any], settings: RightsSettings, vocabulary: Vocabulary) -> Caller:
    """The caller that verified claims speak of.

    Roles are a list or a text of words; unknown ones are other systems' affair. Scopes are an object of lists, and a
    restriction that cannot be understood refuses the whole token: to drop it would give more than was meant.

    Raises:
        Refused: credentials_invalid, and which claim.
    """
    name = claims["sub"]
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME_LENGTH:
        raise _wrong("sub", f"must be a text of at most {MAX_NAME_LENGTH} characters")
    roles = _find(claims, settings.roles_claim)
    names = roles.split() if isinstance(roles, str) else [] if roles is None else roles
    if not _are_texts(names):
        raise _wrong(settings.roles_claim, "must be a list of texts, or a text of words")
    scopes = _scopes(_find(claims, settings.scopes_claim), settings.scopes_claim, vocabulary)
    return Caller(name, vocabulary.known_roles(names), scopes)


def _scopes(claim: Any, name: str, vocabulary: Vocabulary) -> Scopes:
    if claim is None:
        return {}
    if not isinstance(claim, dict) or not all(_are_texts(values) for values in claim.values()):
        raise _wrong(name, "must be an object whose values are lists of texts")
    if vocabulary.unknown_dimension(claim) is not None:
        raise _wrong(name, f"restricts by something unknown; known are {', '.join(sorted(vocabulary.dimensions))}")
    return {dimension: frozenset(values) for dimension, values in claim.items()}


def _find(claims: Mapping[str, Any], path: str) -> Any:
    """The claim of this name or, when there is none, what the path leads to."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _wrong(claim: str, message: str) -> Refused:
    return Refused("credentials_invalid", "Authorization", f"{claim}: {message}")
