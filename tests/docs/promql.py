"""Which metrics does a query refer to?"""

from __future__ import annotations

import re

_SELECTORS = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"")
_GROUPINGS = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NAME = re.compile(r"\b[a-zA-Z_:][\w:]*\b(?!\s*\()")
_WORDS = frozenset({"or", "and", "unless", "offset", "bool", "by", "without", "on", "ignoring"})


def metrics_of(query: str) -> frozenset[str]:
    """The metric names in a PromQL query: what is left without functions, labels, durations and operators."""
    bare = _GROUPINGS.sub(" ", _SELECTORS.sub(" ", query))
    return frozenset(_NAME.findall(bare)) - _WORDS
