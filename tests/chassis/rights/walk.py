"""Does an app let each role do exactly what its matrix says? Every endpoint is called in every role.

The matrix is read here a second time, by other code than the app's own.
"""

from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.routing import Route

from lamplight_chassis.rights.rules import HEEDS
from tests.asgi import Connection

ANSWER_WITHIN_S = 5.0
SOME_ID = "0190a0b0-0000-7000-8000-000000000001"
OWN, OTHER = "own-value", "another-value"

Scopes = Mapping[str, Sequence[str]]
# Makes a token for these roles, restricted by these scopes.
Token = Callable[[Sequence[str], Scopes], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One call, whether it may get through, and what became of it: status 0 for a caller that was kept waiting."""

    method: str
    target: str
    role: str
    scopes: str
    may: bool
    status: int

    @property
    def is_right(self) -> bool:
        """A caller who may is answered by the endpoint, whatever it says; one who may not is told so."""
        got_through = self.status not in (401, 403)
        return got_through if self.may else self.status == (401 if self.role == "anonymous" else 403)


@dataclass(frozen=True, slots=True)
class Line:
    """One row, as text."""

    method: str
    path: str
    roles: Mapping[str, str]
    places: Mapping[str, str]

    def may(self, role: str, scopes: Scopes, heeded: frozenset[str]) -> bool:
        """What the row says of a caller in this role who asks for what has their own value in each dimension."""
        if "anonymous" in self.roles:
            return True
        has_role = role in self.roles and (not self.roles[role] or self.roles[role] in scopes)
        return has_role and not any(
            place == "route" and name in scopes and name not in heeded for name, place in self.places.items()
        )

    def target(self, value: str) -> str:
        """A path and query in which each dimension has this value."""
        found = dict(place.split(":") for place in self.places.values() if ":" in place)
        in_query = {place.partition(":")[2]: value for place in self.places.values() if place.startswith("query:")}
        path = re.sub(r"{(\w+)(?::\w+)?}", lambda name: value if found.get("path") == name[1] else SOME_ID, self.path)
        return f"{path}?{urlencode(in_query)}" if in_query else path


async def walk(app: FastAPI, matrix: Path, token: Token) -> Sequence[Step]:
    """Call every endpoint of an app in every role, without a scope and with one in each dimension that its row names.

    Nothing needs to be connected: a call that the app keeps waiting has got through.
    """
    roles, lines = read_lines(matrix)
    steps: list[Step] = []
    for line in lines:
        heeded = _heeded(app, line)
        for role in roles:
            steps.append(await _step(app, line, role, {}, heeded, token))
            if role == "anonymous" or "anonymous" in line.roles:
                continue
            for name, place in line.places.items():
                steps.append(await _step(app, line, role, {name: [OWN]}, heeded, token))
                if place != "route":
                    steps.append(await _step(app, line, role, {name: [OTHER]}, heeded, token))
    return steps


def read_lines(matrix: Path) -> tuple[Sequence[str], Sequence[Line]]:
    """The roles that there are, and the rows."""
    with matrix.open(newline="") as file:
        first, *rows = csv.DictReader(file)
    lines = []
    for row in rows:
        roles = {word.partition(":")[0]: word.partition(":")[2] for word in row["roles"].split()}
        places = dict(word.split("=") for word in row["scope"].split() if word != "none")
        lines.append(Line(row["method"], row["path"], roles, places))
    return first["roles"].split(), lines


def endpoints(app: FastAPI) -> frozenset[tuple[str, str]]:
    """Every method and path that an app answers, without HEAD."""
    routes = [route for route in app.routes if isinstance(route, Route)]
    return frozenset((method, route.path) for route in routes for method in route.methods or () if method != "HEAD")


def _heeded(app: FastAPI, line: Line) -> frozenset[str]:
    for route in app.routes:
        methods = {"GET" if method == "HEAD" else method for method in getattr(route, "methods", None) or ()}
        if isinstance(route, Route) and route.path == line.path and line.method in methods:
            found: frozenset[str] = getattr(route.endpoint, HEEDS, frozenset())
            return found
    raise AssertionError(f"there is no endpoint {line.method} {line.path}")


async def _step(app: FastAPI, line: Line, role: str, scopes: Scopes, heeded: frozenset[str], token: Token) -> Step:
    headers = {} if role == "anonymous" else {"authorization": f"Bearer {token([role], scopes)}"}
    is_outside = OTHER in {value for values in scopes.values() for value in values}
    may = line.may(role, scopes, heeded) and not is_outside
    target = line.target(OWN)
    status = await _status(app, line.method, target, headers)
    told = " ".join(f"{name}={','.join(values)}" for name, values in scopes.items())
    return Step(line.method, target, role, told, may, status)


async def _status(app: FastAPI, method: str, target: str, headers: Mapping[str, str]) -> int:
    """The status of an answer that may have no end; 0 when there is none for a while."""
    connection = Connection([b"{}"])
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    answering = asyncio.create_task(app(scope, connection.receive, connection.send))
    try:
        start = await asyncio.wait_for(connection.sent.get(), ANSWER_WITHIN_S)
    except TimeoutError:
        return 0
    finally:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
    return int(start["status"])
