"""Does the comparison of two schema revisions say safe or breaking, and why?"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lamplight_events.compatibility import main
from lamplight_events.schema_changes import Verdict, changes_of_event, verdict_of


def schema(*, required: tuple[str, ...] = ("case_id",), **fields: Any) -> dict[str, Any]:
    """An event's schema with a case id and the given fields."""
    properties = {"case_id": {"type": "string", "format": "uuid"}, **fields}
    return {"type": "object", "properties": properties, "required": list(required)}


OPTIONAL_NOTE = {"anyOf": [{"type": "string", "maxLength": 10}, {"type": "null"}], "default": None}
STATE = {"$ref": "#/$defs/State"}


def with_states(*states: str) -> dict[str, Any]:
    return {**schema(state=STATE), "$defs": {"State": {"type": "string", "enum": list(states)}}}


SAFE = {
    "an optional field is added": (schema(), schema(note=OPTIONAL_NOTE)),
    "a description is changed": (
        schema(note={"type": "string", "description": "a"}),
        schema(note={"type": "string", "description": "b"}),
    ),
    "a limit moves into a definition": (
        schema(state={"type": "string", "enum": ["open"]}),
        with_states("open"),
    ),
}
READERS_FIRST = {
    "the event is new": (None, schema(), "the event is new"),
    "a word is added to a closed list": (with_states("open"), with_states("open", "closed"), "also allows closed"),
    "a list is opened": (schema(a={"type": "string", "enum": ["x"]}), schema(a={"type": "string"}), "allows any word"),
    "a text may be longer": (
        schema(a={"type": "string", "maxLength": 5}),
        schema(a={"type": "string", "maxLength": 9}),
        "maxLength is 9, it was 5",
    ),
    "a lower bound goes away": (
        schema(a={"type": "integer", "minimum": 1}),
        schema(a={"type": "integer"}),
        "minimum is gone, it was 1",
    ),
    "a pattern is dropped": (
        schema(a={"type": "string", "pattern": "^x"}),
        schema(a={"type": "string"}),
        "need not match ^x",
    ),
    "a field may be null": (
        schema(a={"type": "string"}),
        schema(a={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "may now also be null",
    ),
    "a required field becomes optional": (
        schema(required=("case_id", "a"), a={"type": "string"}),
        schema(a={"type": "string", "default": ""}),
        "a became optional",
    ),
}
BREAKING = {
    "the event is removed": (schema(), None, "the event was removed"),
    "a field is removed": (schema(note=OPTIONAL_NOTE), schema(), "note was removed"),
    "a field is renamed": (schema(note=OPTIONAL_NOTE), schema(remark=OPTIONAL_NOTE), "remark looks like its new name"),
    "a required field is added": (
        schema(),
        schema(required=("case_id", "a"), a={"type": "string"}),
        "a is new and required",
    ),
    "an optional field becomes required": (
        schema(a={"type": "string"}),
        schema(required=("case_id", "a"), a={"type": "string"}),
        "a became required",
    ),
    "a type changes": (schema(a={"type": "string"}), schema(a={"type": "integer"}), "a was string, now integer"),
    "a format changes": (
        schema(),
        {**schema(), "properties": {"case_id": {"type": "string"}}},
        "case_id was string (uuid), now string",
    ),
    "null is no longer allowed": (schema(note=OPTIONAL_NOTE), schema(note={"type": "string"}), "note was null or"),
    "a word leaves a closed list": (with_states("open", "closed"), with_states("open"), "no longer allows closed"),
    "a list is closed": (
        schema(a={"type": "string"}),
        schema(a={"type": "string", "enum": ["x"]}),
        "allows only x now",
    ),
    "a constant changes": (
        schema(a={"type": "string", "const": "x"}),
        schema(a={"type": "string", "const": "y"}),
        "no longer allows x",
    ),
    "a text must be shorter": (schema(note=OPTIONAL_NOTE), schema(note={
        "anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}], "default": None,
    }), "maxLength is 5, it was 10"),
    "a lower bound appears": (
        schema(a={"type": "integer"}),
        schema(a={"type": "integer", "minimum": 1}),
        "minimum is 1, it was not set",
    ),
    "a pattern changes": (
        schema(a={"type": "string", "pattern": "^x"}),
        schema(a={"type": "string", "pattern": "^y"}),
        "no longer ^x",
    ),
    "a pattern appears": (
        schema(a={"type": "string"}),
        schema(a={"type": "string", "pattern": "^y"}),
        "was not asked before",
    ),
    "the items of a list change": (
        schema(a={"type": "array", "items": {"type": "string"}}),
        schema(a={"type": "array", "items": {"type": "integer"}}),
        "a[] was string",
    ),
    "a field of an inner object is removed": (
        schema(a={"type": "object", "properties": {"b": {"type": "string"}}}),
        schema(a={"type": "object", "properties": {}}),
        "a.b was removed",
    ),
    "a default changes": (
        schema(a={"type": "string", "default": ""}),
        schema(a={"type": "string", "default": "x"}),
        "would mean two things",
    ),
    "an unknown keyword changes": (
        schema(a={"type": "integer"}),
        schema(a={"type": "integer", "multipleOf": 2}),
        "multipleOf changed",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SAFE.values(), ids=SAFE)
def test_a_change_that_both_sides_survive_is_safe(old: dict[str, Any], new: dict[str, Any]) -> None:
    verdict = verdict_of(changes_of_event(old, new))

    assert verdict is Verdict.SAFE


@pytest.mark.parametrize(("old", "new", "sentence"), READERS_FIRST.values(), ids=READERS_FIRST)
def test_a_change_that_allows_more_needs_the_readers_first(
    old: dict[str, Any], new: dict[str, Any], sentence: str
) -> None:
    changes = changes_of_event(old, new)

    assert verdict_of(changes) is Verdict.READERS_FIRST
    assert sentence in changes[0].sentence


@pytest.mark.parametrize(("old", "new", "sentence"), BREAKING.values(), ids=BREAKING)
def test_a_change_that_loses_or_refuses_old_records_is_breaking(
    old: dict[str, Any], new: dict[str, Any], sentence: str
) -> None:
    changes = changes_of_event(old, new)

    assert verdict_of(changes) is Verdict.BREAKING
    assert any(sentence in change.sentence for change in changes)


def test_an_unchanged_event_has_nothing_to_say() -> None:
    assert changes_of_event(with_states("open"), with_states("open")) == []


def write(folder: Path, **schemas: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in schemas.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def test_two_folders_are_compared_event_by_event(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = write(tmp_path / "old", opened=schema(), closed=schema())
    new = write(tmp_path / "new", opened=schema(), closed=schema(note=OPTIONAL_NOTE))

    status = main([str(old), str(new)])

    assert status == 0
    assert capsys.readouterr().out.splitlines() == [
        "closed: safe",
        "  safe: note is new and optional: old readers pass it over",
        "opened: unchanged",
        "all in all: safe",
    ]


def test_a_breaking_change_ends_with_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = write(tmp_path / "old", opened=schema(note=OPTIONAL_NOTE)), write(tmp_path / "new", opened=schema())

    status = main([str(old), str(new)])

    assert status == 1
    assert "all in all: breaking" in capsys.readouterr().out


def test_a_git_revision_is_compared_with_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "shared" / "events" / "schemas", opened=schema())
    name = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
    for command in (["init", "-q"], ["add", "."], [*name, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    write(folder, opened=schema(note=OPTIONAL_NOTE))
    monkeypatch.chdir(tmp_path)

    status = main(["HEAD", str(folder)])

    assert status == 0
    assert "opened: safe" in capsys.readouterr().out


def test_a_revision_that_does_not_exist_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)

    status = main(["no-such-revision", str(tmp_path)])

    assert status == 2
    assert "no-such-revision" in capsys.readouterr().err


def test_a_schema_that_is_not_json_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "opened.json").write_text("{")

    status = main([str(tmp_path), str(tmp_path)])

    assert status == 2
    assert "not JSON" in capsys.readouterr().err
