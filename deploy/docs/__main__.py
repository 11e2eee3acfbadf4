"""Which command writes the generated documents, and which proves that they are fresh?

`python -m deploy.docs write` writes them; `python -m deploy.docs check` ends with status 1 and the name of each file
that is missing, stale or no longer generated.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.docs.documents import documents, generated_files

ROOT = Path(__file__).parents[2]
REMEDY = "run `python -m deploy.docs write` and commit what it wrote"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m deploy.docs", description=__doc__)
    parser.add_argument("command", choices=("write", "check"))
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository (default: this one)")
    options = parser.parse_args(arguments)
    if options.command == "write":
        write(options.root)
        return 0
    drifted = drift(options.root)
    sys.stderr.writelines(f"{line}: {REMEDY}\n" for line in drifted)
    return int(bool(drifted))


def write(root: Path) -> None:
    """Write every document and remove those that are generated no more."""
    fresh = documents()
    for path in generated_files(root) - fresh.keys():
        (root / path).unlink()
    for path, text in fresh.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def drift(root: Path) -> Sequence[str]:
    """A line per file that is not what `write` would write."""
    fresh = documents()
    lines = [f"{path} is generated no more" for path in sorted(generated_files(root) - fresh.keys())]
    for path, text in fresh.items():
        if not (root / path).exists():
            lines.append(f"{path} is missing")
        elif (root / path).read_text(encoding="utf-8") != text:
            lines.append(f"{path} is stale")
    return lines


if __name__ == "__main__":
    sys.exit(main())
