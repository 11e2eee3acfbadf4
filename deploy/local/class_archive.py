"""How does Kafka start in half the time once it has run on this machine?"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from pathlib import Path

RECORD_TIMEOUT_S = 60.0


def archive_path(java: Path, jars: Sequence[Path]) -> Path:
    """Where the classes that Kafka loads are kept ready for this very Java and these very jars, beside the jars.

    Java checks the archive against its own build and the jars, and starts without it when they differ.
    """
    made_of = f"{java.resolve()} {java.stat().st_mtime_ns} {' '.join(jar.name for jar in jars)}"
    return jars[0].parent / f"classes-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.jsa"


def archive_flags(archive: Path) -> tuple[str, ...]:
    """The options with which Java uses the archive, if there is one."""
    return (f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off") if archive.is_file() else ()


def record_classes(java: Path, kafka_pid: int, archive: Path) -> bool:
    """Write the archive from a running Kafka; returns whether that worked. Kafka goes on serving meanwhile.

    A Java without `jcmd` cannot do it, nor can anybody in a cache that is read-only; Kafka then starts as before.
    """
    unfinished = archive.with_suffix(f".{kafka_pid}")
    try:
        subprocess.run(
            [java.resolve().with_name("jcmd"), str(kafka_pid), "VM.cds", "static_dump", str(unfinished)],
            capture_output=True,
            check=True,
            timeout=RECORD_TIMEOUT_S,
        )
        unfinished.replace(archive)
    except (OSError, subprocess.SubprocessError):
        return False
    return True
