"""Where do Kafka's jars come from, and which ones does a version need?"""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import Artifact, Dependency, MavenContext

from deploy.local.jars import Jar

# Never ask for a log4j artifact beside these: its version management pulls kafka-clients back to 3.9.
WANTED = ("org.apache.kafka:kafka_2.13:4.3.1", "org.slf4j:slf4j-simple:1.7.36")
LOCK_HEADER = """\
# The jars of the local Kafka in class path order: coordinate, SHA-256, bytes. No addresses: they come from Maven
# Central or from the repositories in your jgo settings. Written by `python -m deploy.local lock`.
"""


def fetch_from_maven(jar: Jar, staging: Path) -> Path:
    """Download one jar into an empty folder; raises OSError or RuntimeError when it cannot be had."""
    project = _context(staging).project(jar.group, jar.artifact)
    try:
        return project.at_version(jar.version).artifact(packaging="jar").resolve()
    except OSError as error:
        if error.errno is not None:
            raise  # the disk's, not the network's
        raise ConnectionError("the Maven repository cannot be reached") from error


def write_lock(path: Path) -> int:
    """Resolve the wanted artifacts anew and write the lock file; returns how many jars it lists."""
    with TemporaryDirectory() as staging:
        context = _context(Path(staging))
        wanted = [_wanted(context, coordinate) for coordinate in WANTED]
        inputs, transitive = context.resolver.resolve(wanted)
        needed = [*inputs, *(dependency for dependency in transitive if dependency.scope in ("compile", "runtime"))]
        lines = [_lock_line(dependency.artifact) for dependency in needed]
    path.write_text(LOCK_HEADER + "".join(lines), encoding="utf-8")
    return len(lines)


def _context(staging: Path) -> MavenContext:
    mirrors = GlobalSettings.load().repositories
    return MavenContext(repo_cache=staging, remote_repos=mirrors or {"central": MAVEN_CENTRAL_URL})


def _wanted(context: MavenContext, coordinate: str) -> Dependency:
    dependency = context.create_dependency(coordinate)
    dependency.scope = "compile"
    return dependency


def _lock_line(artifact: Artifact) -> str:
    content = artifact.resolve().read_bytes()
    coordinate = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
    return f"{coordinate} sha256:{hashlib.sha256(content).hexdigest()} {len(content)}\n"
