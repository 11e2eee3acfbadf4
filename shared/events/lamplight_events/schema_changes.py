"""What does a changed event schema mean for those who read and write the event?

Producers and consumers are upgraded one after another, and old records stay in their topic. So a new reader must
understand every old record, and an old reader should understand every new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

Schema = Mapping[str, Any]

READERS_FIRST_WHY = "old readers would park what new producers may write"


class Verdict(IntEnum):
    """How a change may be rolled out; the larger of two counts for an event as a whole."""

    SAFE = 0
    READERS_FIRST = 1
    BREAKING = 2

    @property
    def words(self) -> str:
        """What to do about it."""
        return _WORDS[self]


_WORDS = {
    Verdict.SAFE: "safe",
    Verdict.READERS_FIRST: "safe if every reader is upgraded before the first producer",
    Verdict.BREAKING: "breaking",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, what it means, and why, in a sentence."""

    verdict: Verdict
    sentence: str


# A limit that moves towards the first sign lets more through: (keyword, +1 when a larger number allows more).
_LIMITS = (
    ("maximum", 1), ("exclusiveMaximum", 1), ("maxLength", 1), ("maxItems", 1), ("maxProperties", 1),
    ("minimum", -1), ("exclusiveMinimum", -1), ("minLength", -1), ("minItems", -1), ("minProperties", -1),
)  # fmt: skip
_WORDING = frozenset({"title", "description", "examples", "$schema", "$id", "$defs"})
_JUDGED = frozenset({name for name, _ in _LIMITS} | {"type", "format", "enum", "const", "pattern", "properties"}) | {
    "required", "items", "default", "anyOf", "$ref",
}  # fmt: skip


def changes_of_event(old: Schema | None, new: Schema | None) -> Sequence[Change]:
    """Everything that changed for one event; None stands for an event that is not there."""
    if old is None and new is None:
        return ()
    if new is None:
        return [Change(Verdict.BREAKING, "the event was removed: its records stay in the topic and its readers wait")]
    if old is None:
        return [Change(Verdict.READERS_FIRST, f"the event is new: {READERS_FIRST_WHY}, for they do not know its type")]
    return list(_Comparison(old, new).object_changes(old, new, ""))


def verdict_of(changes: Sequence[Change]) -> Verdict:
    """The worst of several changes; safe when there are none."""
    return max((change.verdict for change in changes), default=Verdict.SAFE)


class _Comparison:
    """Two schemas of one event, each with its own definitions."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old_definitions = old.get("$defs", {})
        self._new_definitions = new.get("$defs", {})

    def object_changes(self, old: Schema, new: Schema, path: str) -> Iterator[Change]:
        """What changed in the fields of an object."""
        before, after = old.get("properties", {}), new.get("properties", {})
        required_before, required_after = set(old.get("required", ())), set(new.get("required", ()))
        yield from _removed(before, after, path)
        yield from _added(before, after, required_after, path)
        for name in before:
            if name in after:
                place = f"{path}{name}"
                yield from _necessity(place, is_before=name in required_before, is_after=name in required_after)
                yield from _default(place, before[name], after[name])
                yield from self._value_changes(before[name], after[name], place)
        yield from _unjudged(old, new, path.rstrip(".") or "the event")

    def _value_changes(self, old: Schema, new: Schema, path: str) -> Iterator[Change]:
        before, after = _kinds(old, self._old_definitions), _kinds(new, self._new_definitions)
        gone, come = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
        if gone:
            now = f", now {' or '.join(sorted(after))}" if come else ""
            why = "records with the old kind could not be read"
            yield Change(Verdict.BREAKING, f"{path} was {' or '.join(sorted(before))}{now}: {why}")
        elif come:
            yield Change(Verdict.READERS_FIRST, f"{path} may now also be {' or '.join(come)}: {READERS_FIRST_WHY}")
        for kind in sorted(before.keys() & after.keys()):
            yield from self._facet_changes(before[kind], after[kind], path)

    def _facet_changes(self, old: Schema, new: Schema, path: str) -> Iterator[Change]:
        yield from _words(old, new, path)
        yield from _pattern(old.get("pattern"), new.get("pattern"), path)
        for keyword, sign in _LIMITS:
            yield from _limit(keyword, sign, old.get(keyword), new.get(keyword), path)
        if "items" in old or "items" in new:
            yield from self._value_changes(old.get("items", {}), new.get("items", {}), f"{path}[]")
        if "properties" in old or "properties" in new:
            yield from self.object_changes(old, new, f"{path}.")
        else:
            yield from _unjudged(old, new, path)


def _kinds(schema: Schema, definitions: Mapping[str, Schema]) -> Mapping[str, Schema]:
    """The kinds of value a schema allows, such as `string (uuid)` and `null`, each with its own limits."""
    if "$ref" in schema:
        return _kinds(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    if "anyOf" in schema:
        return {kind: inner for option in schema["anyOf"] for kind, inner in _kinds(option, definitions).items()}
    types = schema.get("type", "anything")
    suffix = f" ({schema['format']})" if "format" in schema else ""
    return {f"{name}{suffix}": schema for name in ([types] if isinstance(types, str) else types)}


def _removed(before: Schema, after: Schema, path: str) -> Iterator[Change]:
    for name in sorted(before.keys() - after.keys()):
        successor = next((n for n in after if n not in before and _same_shape(before[name], after[n])), None)
        renamed = f"; {path}{successor} looks like its new name" if successor else ""
        why = "old readers look for it, and a name is never used again"
        yield Change(Verdict.BREAKING, f"{path}{name} was removed: {why}{renamed}")


def _added(before: Schema, after: Schema, required: set[str], path: str) -> Iterator[Change]:
    for name in after:
        if name in before:
            continue
        if name in required:
            sentence = "is new and required: records that are in the topic do not have it"
            yield Change(Verdict.BREAKING, f"{path}{name} {sentence}")
        else:
            yield Change(Verdict.SAFE, f"{path}{name} is new and optional: old readers pass it over")


def _necessity(path: str, *, is_before: bool, is_after: bool) -> Iterator[Change]:
    if is_after and not is_before:
        yield Change(Verdict.BREAKING, f"{path} became required: records that are in the topic may lack it")
    if is_before and not is_after:
        yield Change(Verdict.READERS_FIRST, f"{path} became optional: {READERS_FIRST_WHY}, for they insist on it")


def _default(path: str, old: Schema, new: Schema) -> Iterator[Change]:
    if "default" in old and "default" in new and old["default"] != new["default"]:
        sentence = f"{path} defaults to {new['default']!r}, no longer to {old['default']!r}"
        yield Change(Verdict.BREAKING, f"{sentence}: one record would mean two things")


def _words(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    before, after = _closed_list(old), _closed_list(new)
    if before == after:
        return
    if after is not None and (before is None or before - after):
        lost = f"no longer allows {_listed(before - after)}" if before else f"allows only {_listed(after)} now"
        yield Change(Verdict.BREAKING, f"{path} {lost}: records that are in the topic may hold another word")
    if before is not None and (after is None or after - before):
        won = f"also allows {_listed(after - before)}" if after else "allows any word now"
        yield Change(Verdict.READERS_FIRST, f"{path} {won}: {READERS_FIRST_WHY}")


def _pattern(old: str | None, new: str | None, path: str) -> Iterator[Change]:
    if old == new:
        return
    if new is None:
        yield Change(Verdict.READERS_FIRST, f"{path} need not match {old} any more: {READERS_FIRST_WHY}")
    else:
        was = f"must match {new}, no longer {old}" if old else f"must match {new}, which was not asked before"
        yield Change(Verdict.BREAKING, f"{path} {was}: records that are in the topic may not")


def _limit(keyword: str, sign: int, old: float | None, new: float | None, path: str) -> Iterator[Change]:
    if old == new:
        return
    change = f"{path}: {keyword} is {'gone' if new is None else new}, it was {'not set' if old is None else old}"
    if new is None or (old is not None and (new - old) * sign > 0):
        yield Change(Verdict.READERS_FIRST, f"{change}, which allows more: {READERS_FIRST_WHY}")
    else:
        yield Change(Verdict.BREAKING, f"{change}, which allows less: records that are in the topic may not fit")


def _unjudged(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    for keyword in sorted((old.keys() | new.keys()) - _JUDGED - _WORDING):
        if old.get(keyword) != new.get(keyword):
            yield Change(Verdict.BREAKING, f"{path}: {keyword} changed, and what that means cannot be told")


def _closed_list(schema: Schema) -> frozenset[Any] | None:
    if "const" in schema:
        return frozenset({schema["const"]})
    return frozenset(schema["enum"]) if "enum" in schema else None


def _same_shape(first: Schema, second: Schema) -> bool:
    return _shape(first) == _shape(second)


def _shape(schema: Schema) -> dict[str, Any]:
    return {keyword: value for keyword, value in schema.items() if keyword not in _WORDING}


def _listed(words: frozenset[Any]) -> str:
    return ", ".join(sorted(map(str, words)))
