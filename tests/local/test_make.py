"""Do the commands of the Makefile run wherever and for whomever they are called?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENCODING = "import locale; print(locale.getencoding().lower())"


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("LANG", "LC_ALL", "LC_CTYPE")}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "environment",
    [{}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": "xx_XX.UTF-8"}, {"LANG": "C"}, {"LC_ALL": "C.UTF-8"}],
    ids=str,
)
def test_python_can_read_a_path_in_any_script_whatever_the_locale(tmp_path: Path, environment: dict[str, str]) -> None:
    asking = tmp_path / "asking.mk"
    asking.write_text(f'ask:\n\t@"{sys.executable}" -c "{ENCODING}"\n')

    made = make("-f", "Makefile", "-f", str(asking), "ask", **environment)

    assert (made.stdout.strip(), made.returncode) == ("utf-8", 0), made.stderr


def test_the_language_of_a_locale_that_is_not_there_is_kept(tmp_path: Path) -> None:
    asking = tmp_path / "asking.mk"
    asking.write_text('ask:\n\t@echo "$$LC_ALL,$$LANG"\n')

    made = make("-f", "Makefile", "-f", str(asking), "ask", LC_ALL="xx_XX.UTF-8")

    assert made.stdout.strip() == ",xx_XX.UTF-8"


@pytest.mark.parametrize("python", ["/nonexistent", ""])
def test_a_python_that_is_not_there_is_told_in_one_sentence(tmp_path: Path, python: str) -> None:
    made = make(f"VENV={tmp_path}/venv", f"PYTHON={python}", "setup")

    told = made.stderr.splitlines()[0]
    assert made.returncode != 0
    assert told.startswith("Python 3.11, 3.12 or 3.13 is needed")
    assert told.endswith("make PYTHON=/path/to/python3.11")
