"""Who calls, in which roles, and restricted to what?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request

from lamplight_chassis.rights.refusals import Refused

ANONYMOUS = "anonymous"
CALLER_KEY = "rights.caller"

Scopes = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may do something.

    Arguments:
        name: the subject of a token or the name of a key; for journals, never for logs.
        scopes: for each dimension in which the caller is restricted, the values that are left; no other dimension is.
        is_trusted: everybody is, where rights are not enforced.
    """

    name: str
    roles: frozenset[str]
    scopes: Scopes = field(default_factory=dict)
    is_trusted: bool = False

    @property
    def is_anonymous(self) -> bool:
        return self.roles == _NOBODY

    def has(self, *roles: str) -> bool:
        """Whether the caller has any of these roles."""
        return self.is_trusted or not self.roles.isdisjoint(roles)

    def may(self, dimension: str, value: str | None) -> bool:
        """Whether the caller may touch what has this value; who is restricted may not touch what has none."""
        allowed = self.scopes.get(dimension)
        return allowed is None or value in allowed

    def within(self, dimension: str) -> Sequence[str] | None:
        """The values that a query must be limited to, None when the caller is not restricted.

        Meant for `(:values IS NULL OR column = ANY(:values))`; an empty list finds nothing.
        """
        allowed = self.scopes.get(dimension)
        return None if allowed is None else sorted(allowed)

    def must_have(self, *roles: str) -> None:
        """
        Raises:
            Refused: role_lacking, and which roles would do.
        """
        if not self.has(*roles):
            raise Refused("role_lacking", "role", f"needs one of {', '.join(roles)}")

    def must(self, dimension: str, value: str | None) -> None:
        """
        Raises:
            Refused: out_of_scope, in this dimension.
        """
        if not self.may(dimension, value):
            raise Refused("out_of_scope", dimension, "the caller is restricted to other values than this one")


_NOBODY = frozenset({ANONYMOUS})
NOBODY = Caller(ANONYMOUS, _NOBODY)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which roles and which dimensions of scopes there are at all."""

    roles: frozenset[str]
    dimensions: frozenset[str]

    def known_roles(self, names: Iterable[str]) -> frozenset[str]:
        """The roles among names; an issuer's tokens name what other systems need too."""
        return (self.roles - _NOBODY).intersection(names)

    def unknown_dimension(self, names: Iterable[str]) -> str | None:
        """A name that is no dimension; a restriction that nobody understands must not be lost."""
        return next((name for name in names if name not in self.dimensions), None)


def caller_of(request: Request) -> Caller:
    """Who sent a request.

    Raises:
        LookupError: the app was built without rights.
    """
    try:
        caller: Caller = request.scope[CALLER_KEY]
    except KeyError as error:
        raise LookupError("the app was built without rights: nobody knows who calls") from error
    return caller
