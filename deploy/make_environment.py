"""How does a bare machine with Python alone get the environment that everything here runs in?

Run by `make` with any Python and nothing but the standard library. Each failure is one sentence that says what to do.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

LOCK = Path("requirements-dev.lock")
PACKAGES = ("shared/events", "shared/chassis", "services/intake", "services/dispatch", "services/notify")
OLDEST, TOO_NEW = (3, 11), (3, 14)


def main(folder: Path) -> None:
    began_s = time.monotonic()
    if not OLDEST <= sys.version_info[:2] < TOO_NEW:
        sys.exit("Python 3.11, 3.12 or 3.13 is needed; name one: make PYTHON=/path/to/python3.11")
    _say(f"[1/3] creating {folder} with Python {sys.version.split()[0]}")
    _run(
        [sys.executable, "-m", "venv", str(folder)],
        f"{folder} could not be made: check that this folder can be written to, and that Python's venv module is "
        "there (on Debian and Ubuntu: the package python3-venv).",
    )
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    count = len(re.findall(r"^\S+==", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE))
    _say(f"[2/3] installing {count} locked packages, each checked against its hash; this takes a minute or two")
    _run(
        [*pip, "--require-hashes", "-r", str(LOCK)],
        "The packages could not be installed: the lines above say why; without a network, give pip a mirror or a "
        "folder of wheels (PIP_INDEX_URL, PIP_FIND_LINKS) and try again.",
    )
    _say("[3/3] installing Lamplight's own packages")
    editable = [word for package in PACKAGES for word in ("--editable", package)]
    _run(
        [*pip, "--no-build-isolation", "--no-deps", *editable],
        "Lamplight's own packages could not be installed: the lines above say why.",
    )
    (folder / ".ready").touch()
    _say(f"the environment is ready after {time.monotonic() - began_s:.0f} s")


def _run(command: Sequence[str], failure: str) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit(failure)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
