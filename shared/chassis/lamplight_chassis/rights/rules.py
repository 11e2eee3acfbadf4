"""Which line of the matrix counts for a request, and may this caller do it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.datastructures import QueryParams
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from lamplight_chassis.rights.caller import Caller
from lamplight_chassis.rights.matrix import Entry, Matrix, ScopeRule, row_method
from lamplight_chassis.rights.refusals import Refused
from lamplight_chassis.rights.table import TableError

HEEDS = "__heeds__"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def heeds(*dimensions: str) -> Callable[[Endpoint], Endpoint]:
    """Mark a route's function that looks at the caller's scopes in these dimensions by itself.

    Where the matrix leaves a dimension to a route without this mark, whoever is restricted in it is refused.
    """

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, HEEDS, frozenset(dimensions))
        return endpoint

    return mark


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the matrix and the route that it is about.

    Arguments:
        unheeded: dimensions that the matrix leaves to the route, and the route does not look at.
    """

    entry: Entry
    route: Route
    unheeded: frozenset[str]

    def judge(self, caller: Caller, scope: Scope) -> None:
        """Return when the caller may.

        Raises:
            Refused: credentials_missing, role_lacking, out_of_scope or scope_unheeded.
        """
        entry = self.entry
        if entry.is_for_everybody or caller.is_trusted:
            return
        if entry.roles.isdisjoint(caller.roles) and not self._is_bound(caller):
            reason = "credentials_missing" if caller.is_anonymous else "role_lacking"
            raise Refused(reason, "role", f"{entry.method} {entry.path} needs one of {entry.needed}")
        if caller.scopes:
            for rule in entry.scopes:
                self._judge_scope(rule, caller, scope)

    def _is_bound(self, caller: Caller) -> bool:
        return any(
            role in caller.roles and dimension in caller.scopes for role, dimension in self.entry.bound_roles.items()
        )

    def _judge_scope(self, rule: ScopeRule, caller: Caller, scope: Scope) -> None:
        dimension = rule.dimension
        if dimension not in caller.scopes:
            return
        if rule.place == "route":
            if dimension in self.unheeded:
                message = "this endpoint cannot tell yet what it touches: whoever is restricted here may not call it"
                raise Refused("scope_unheeded", dimension, message)
            return
        values = self._values(rule, scope)
        if not values:
            raise Refused("out_of_scope", dimension, f"say ?{rule.name}= with a value that the caller is restricted to")
        if not all(caller.may(dimension, value) for value in values):
            raise Refused("out_of_scope", dimension, "the caller is restricted to other values than this one")

    def _values(self, rule: ScopeRule, scope: Scope) -> Sequence[str]:
        if rule.place == "query":
            return QueryParams(scope["query_string"]).getlist(rule.name)
        _, found = self.route.matches(scope)
        return [str(found["path_params"][rule.name])]


class Rules:
    """Every endpoint of an app with its line: neither may be without the other.

    Arguments:
        routes: in the order in which the app asks them.

    Raises:
        TableError: an endpoint without a row, or a row without an endpoint.
    """

    def __init__(self, matrix: Matrix, routes: Iterable[BaseRoute]) -> None:
        self._matrix = matrix
        entries = {(entry.method, entry.path): entry for entry in matrix.entries}
        self._routes = [(route, self._rules_of(route, entries)) for route in map(self._plain, routes)]
        used = {id(rule.entry) for _, rules in self._routes for rule in rules.values()}
        for entry in matrix.entries:
            if id(entry) not in used:
                raise TableError(matrix.path, entry.line, "path", f"there is no endpoint {entry.method} {entry.path}")
        self._exact = {
            (method, route.path): found
            for route, rules in self._routes
            if not route.param_convertors
            for method in rules
            if (found := self._search({"type": "http", "method": method, "path": route.path}))
        }

    @property
    def unheeded(self) -> Sequence[str]:
        """Endpoints that restricted callers cannot use yet, with the dimensions, such as `GET /things place`."""
        found = {
            f"{rule.entry.method} {rule.entry.path} {' '.join(sorted(rule.unheeded))}"
            for _, rules in self._routes
            for rule in rules.values()
            if rule.unheeded
        }
        return sorted(found)

    def find(self, scope: Scope) -> Rule | None:
        """The rule of the endpoint that will answer; None when none will."""
        if not scope.get("root_path"):
            rule = self._exact.get((scope["method"], scope["path"]))
            if rule is not None:
                return rule
        return self._search(scope)

    def _search(self, scope: Scope) -> Rule | None:
        for route, rules in self._routes:
            if route.matches(scope)[0] is Match.FULL:
                return rules[scope["method"]]
        return None

    def _plain(self, route: BaseRoute) -> Route:
        if isinstance(route, Route) and route.methods:
            return route
        path = getattr(route, "path", "?")
        raise TableError(self._matrix.path, 0, "path", f"{path} is no plain route: what is behind it has no rows")

    def _rules_of(self, route: Route, entries: Mapping[tuple[str, str], Entry]) -> Mapping[str, Rule]:
        return {method: self._rule(route, method, entries) for method in route.methods or ()}

    def _rule(self, route: Route, method: str, entries: Mapping[tuple[str, str], Entry]) -> Rule:
        name = row_method(method)
        entry = entries.get((name, route.path))
        if entry is None:
            line = max((known.line for known in self._matrix.entries), default=2) + 1
            raise TableError(self._matrix.path, line, "path", f"the endpoint {name} {route.path} has no row")
        left = frozenset(rule.dimension for rule in entry.scopes if rule.place == "route")
        return Rule(entry, route, left - getattr(route.endpoint, HEEDS, frozenset()))
