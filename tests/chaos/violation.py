"""In which ways can a run break its promises?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tests.chaos.evidence import Evidence


class Kind(StrEnum):
    """What went wrong, as a person who waits for it would say."""

    LOST = "lost"
    DOUBLED = "doubled"
    STUCK = "stuck"
    DISORDER = "disorder"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise: which, and where to look."""

    kind: Kind
    rule: str
    id: str
    detail: str = ""


Rule = Callable[[Evidence], Iterator[Violation]]
