"""Who may call which endpoint: what does the matrix of a service say, line by line?

A CSV file with the columns `method,path,roles,scope`. Its first row is `*,*` and names every role and every dimension
of scopes that there is. In the other rows:

- `roles`: the roles that may call, separated by spaces; `anonymous` lets everybody in. `role:dimension` lets the role
  in only when the caller is restricted in that dimension.
- `scope`: `none`, or for each dimension that matters where its value is found: `dimension=query:name`,
  `dimension=path:name`, or `dimension=route` when only the route itself can tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lamplight_chassis.rights.caller import ANONYMOUS, Vocabulary
from lamplight_chassis.rights.table import Row, TableError, read_rows

COLUMNS = ("method", "path", "roles", "scope")
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
EVERY = "*"
NO_SCOPE = "none"
SCOPE = re.compile(r"(?P<dimension>\w+)=(?:(?P<route>route)|(?P<place>query|path):(?P<name>\w+))")
WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")


def row_method(method: str) -> str:
    """Under which method a call has its row: who may read something may also ask whether it is there."""
    return "GET" if method == "HEAD" else method


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """Where the value of a dimension is found: `place` is query, path or route, `name` the parameter's."""

    dimension: str
    place: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row says.

    Arguments:
        roles: who may call.
        bound_roles: who may call when restricted in the dimension that is the value.
    """

    line: int
    method: str
    path: str
    roles: frozenset[str]
    bound_roles: Mapping[str, str]
    scopes: Sequence[ScopeRule]

    @property
    def is_for_everybody(self) -> bool:
        return ANONYMOUS in self.roles

    @property
    def needed(self) -> str:
        """Who may call, in words."""
        bound = [f"{role} (restricted by {dimension})" for role, dimension in self.bound_roles.items()]
        return ", ".join([*sorted(self.roles), *sorted(bound)])


@dataclass(frozen=True, slots=True)
class Matrix:
    """The matrix of one service."""

    path: Path
    vocabulary: Vocabulary
    entries: Sequence[Entry]

    @classmethod
    def load(cls, path: Path) -> Matrix:
        """Read a matrix.

        Raises:
            TableError: names the line and the field that cannot be used.
        """
        rows = read_rows(path, COLUMNS)
        if not rows or (rows[0].cells["method"], rows[0].cells["path"]) != (EVERY, EVERY):
            raise TableError(path, 2, "method", "the first row must be *,* and name every role and dimension")
        vocabulary = _vocabulary(rows[0])
        first_line: dict[tuple[str, str], int] = {}
        entries = [_entry(row, vocabulary) for row in rows[1:]]
        for row, entry in zip(rows[1:], entries, strict=True):
            line = first_line.setdefault((entry.method, entry.path), entry.line)
            if line != entry.line:
                row.refuse("path", f"{entry.method} {entry.path} is already on line {line}")
        return cls(path, vocabulary, entries)


def _vocabulary(row: Row) -> Vocabulary:
    for field in ("roles", "scope"):
        for word in row.words(field):
            if not WORD.fullmatch(word):
                row.refuse(field, f"{word!r} is not of the form {WORD.pattern}")
    roles = row.words("roles")
    if ANONYMOUS not in roles:
        row.refuse("roles", f"{ANONYMOUS} is missing")
    return Vocabulary(frozenset(roles), frozenset(row.words("scope")))


def _entry(row: Row, vocabulary: Vocabulary) -> Entry:
    method, path = row.text("method"), row.text("path")
    if method not in METHODS:
        row.refuse("method", f"{method!r} is none of {', '.join(sorted(METHODS))}")
    if not path.startswith("/"):
        row.refuse("path", "does not begin with /")
    scopes = _scopes(row, vocabulary)
    roles, bound_roles = _roles(row, vocabulary)
    if ANONYMOUS in roles and scopes:
        row.refuse("scope", f"must be {NO_SCOPE}: whoever is restricted could come without a name")
    for role, dimension in bound_roles.items():
        if dimension not in {rule.dimension for rule in scopes}:
            row.refuse("scope", f"does not say where the {dimension} of {role} is found")
    return Entry(row.line, method, path, roles, bound_roles, scopes)


def _roles(row: Row, vocabulary: Vocabulary) -> tuple[frozenset[str], dict[str, str]]:
    bound: dict[str, str] = {}
    free: set[str] = set()
    row.text("roles")
    for word in row.words("roles"):
        role, colon, dimension = word.partition(":")
        if role not in vocabulary.roles:
            row.refuse("roles", f"{role!r} is no role; known are {', '.join(sorted(vocabulary.roles))}")
        if role in free or role in bound:
            row.refuse("roles", f"{role!r} is there more than once")
        if not colon:
            free.add(role)
        elif role == ANONYMOUS or dimension not in vocabulary.dimensions:
            row.refuse("roles", f"{word!r} is restricted by nothing that the first row names")
        else:
            bound[role] = dimension
    return frozenset(free), bound


def _scopes(row: Row, vocabulary: Vocabulary) -> Sequence[ScopeRule]:
    if row.text("scope") == NO_SCOPE:
        return ()
    rules: dict[str, ScopeRule] = {}
    for word in row.words("scope"):
        found = SCOPE.fullmatch(word)
        if found is None:
            row.refuse(
                "scope", f"{word!r} is neither {NO_SCOPE} nor of the form dimension=query:name, path:name or route"
            )
        dimension, name = found["dimension"], found["name"] or ""
        if dimension not in vocabulary.dimensions:
            row.refuse("scope", f"{dimension!r} is no dimension; known are {', '.join(sorted(vocabulary.dimensions))}")
        if dimension in rules:
            row.refuse("scope", f"{dimension!r} is there more than once")
        if found["place"] == "path" and not re.search(rf"{{{name}(:\w+)?}}", row.text("path")):
            row.refuse("scope", f"the path has no {{{name}}}")
        rules[dimension] = ScopeRule(dimension, found["place"] or "route", name)
    return tuple(rules.values())
