"""Is it safe to go from one revision of the event schemas to another, and if not, why?

Events only grow. `python -m lamplight_events.compatibility OLD NEW` takes two git revisions or two folders of schemas
and says of every event what changed; it ends with status 1 when something breaks.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from lamplight_events.schema_changes import Schema, Verdict, changes_of_event, verdict_of

SCHEMAS = PurePosixPath("shared/events/schemas")
CANNOT_READ = 2


class CannotCompare(Exception):
    """One of the two sides cannot be read; the sentence says which and why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare and report; returns 0 when nothing breaks, 1 when something does, 2 when a side cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m lamplight_events.compatibility", description=__doc__)
    parser.add_argument("old", help="git revision or folder of schemas that is in use")
    parser.add_argument("new", help="git revision or folder of schemas that is to replace it")
    options = parser.parse_args(arguments)
    try:
        old, new = read_schemas(options.old), read_schemas(options.new)
    except CannotCompare as refusal:
        sys.stderr.write(f"{refusal}\n")
        return CANNOT_READ
    lines, worst = compare(old, new)
    sys.stdout.write("\n".join(lines) + "\n")
    return int(worst is Verdict.BREAKING)


def compare(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> tuple[Sequence[str], Verdict]:
    """A line per event with its verdict and one per change, the verdict of the whole as the last line."""
    lines: list[str] = []
    worst = Verdict.SAFE
    for name in sorted(old.keys() | new.keys()):
        changes = changes_of_event(old.get(name), new.get(name))
        verdict = verdict_of(changes)
        worst = max(worst, verdict)
        lines.append(f"{name}: {verdict.words if changes else _unchanged(old[name], new[name])}")
        lines += [f"  {change.verdict.words}: {change.sentence}" for change in changes]
    return [*lines, f"all in all: {worst.words}"], worst


def read_schemas(side: str) -> Mapping[str, Schema]:
    """The schemas of a folder, or of a git revision of the repository around the working folder, by event type.

    Raises:
        CannotCompare: neither a folder nor a revision, or a schema is not JSON.
    """
    files = _from_folder(Path(side)) if Path(side).is_dir() else _from_revision(side)
    try:
        return {name: json.loads(text) for name, text in files.items()}
    except ValueError as error:
        raise CannotCompare(f"{side} holds a schema that is not JSON: {error}") from error


def _from_folder(folder: Path) -> Mapping[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json"))}


def _from_revision(revision: str) -> Mapping[str, str]:
    listed = _git("ls-tree", "--full-tree", "-r", "--name-only", revision, f"{SCHEMAS}/").splitlines()
    paths = [PurePosixPath(line) for line in listed if line.endswith(".json")]
    return {path.stem: _git("show", f"{revision}:{path}") for path in paths}


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise CannotCompare(f"`git {' '.join(arguments)}` failed: {done.stderr.strip()}")
    return done.stdout


def _unchanged(old: Schema, new: Schema) -> str:
    return "unchanged" if old == new else "safe, only its wording changed"


if __name__ == "__main__":
    sys.exit(main())
