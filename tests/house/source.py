"""What does the code of the packages look like as syntax trees?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared/events", "shared/chassis", "services/intake", "services/dispatch", "services/notify")


@dataclass(frozen=True, slots=True)
class Module:
    """One file: where it is below the root of the project, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Package and file, such as `lamplight_chassis/relay.py`: what an exception is granted to."""
        return "/".join(self.path.split("/")[2:]) if self.path.startswith(("shared/", "services/")) else self.path

    def at(self, node: ast.AST, what: str) -> str:
        """A violation, with its place."""
        return f"{self.path}:{getattr(node, 'lineno', 1)} {what}"

    def owned_nodes(self) -> Iterator[tuple[str, ast.AST]]:
        """Every node with the dotted name of the function it is in, `Relay.run`; empty outside of all functions."""
        waiting: list[tuple[str, ast.AST]] = [("", self.tree)]
        while waiting:
            owner, node = waiting.pop()
            yield owner, node
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                owner = f"{owner}.{node.name}".lstrip(".")
            waiting += [(owner, inner) for inner in ast.iter_child_nodes(node)]

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call with the dotted name of what is called: `datetime.now`, `self._engine.begin`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, dotted(node.func)


def parse(path: str, text: str) -> Module:
    """A module from its text."""
    return Module(path, text, ast.parse(text))


@cache
def all_modules() -> tuple[Module, ...]:
    """Every Python file of the packages."""
    files = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return tuple(parse(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")) for file in files)


def dotted(node: ast.AST) -> str:
    """The dotted name of an expression; what has no name stands as `?`."""
    match node:
        case ast.Name(name):
            return name
        case ast.Attribute(value, name):
            return f"{dotted(value)}.{name}"
        case ast.Await(value) | ast.Call(value):
            return dotted(value)
    return "?"


def words_of(name: str) -> set[str]:
    """The words of an identifier or text, in lower case: `CaseBook` and `case_book` have the same."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return {part.lower() for part in parts}
