"""How does Kafka start in half the time once it has run on this machine?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from deploy.local.command import Program

# Both in Kafka's own folder: the names of the classes it loaded, and the archive while it is written.
CLASS_LIST = "classes.list"
UNFINISHED = "classes.jsa"
# `$0` is the archive, `$@` the command that writes it. It takes the time that others leave, and the archive appears
# in the cache as a whole or not at all, also when two do this at once.
WRITE_AND_KEEP = f'nice -n 19 "$@" && cp {UNFINISHED} "$0.$$" && mv "$0.$$" "$0"; rm -f {UNFINISHED}'


def archive_path(java: Path, jars: Sequence[Path]) -> Path:
    """Where the classes that Kafka loads are kept ready for this very Java and these very jars, beside the jars.

    Java checks the archive against its own build and the jars, and starts without it when they differ.
    """
    made_of = f"{java.resolve()} {java.stat().st_mtime_ns} {' '.join(jar.name for jar in jars)}"
    return jars[0].parent / f"classes-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.jsa"


def archive_flags(archive: Path) -> tuple[str, ...]:
    """The options with which Java uses the archive, or lists what would be in it."""
    if archive.is_file():
        return (f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off")
    return (f"-XX:DumpLoadedClassList={CLASS_LIST}",)


def archiving(archive: Path, home: Path, java: Sequence[str], class_path: Sequence[str]) -> Program | None:
    """The program that writes the archive of a running Kafka's classes, or None when it would have nothing to do.

    Arguments:
        home: Kafka's folder.
        java: Java with the options of Kafka itself; an archive fits no others.
        class_path: the options that name the jars.
    """
    class_list = home / CLASS_LIST
    if archive.is_file() or not class_list.is_file():
        return None
    whole_lines = class_list.read_text(encoding="utf-8").rpartition("\n")[0]
    listed = class_list.with_suffix(".whole")
    listed.write_text(whole_lines + "\n", encoding="utf-8")
    options = ("-Xshare:dump", f"-XX:SharedClassListFile={listed.name}", f"-XX:SharedArchiveFile={UNFINISHED}")
    argv = ("sh", "-c", WRITE_AND_KEEP, str(archive), *java, *options, *class_path)
    return Program(argv=argv, folder=home, log=home / "classes.log")
