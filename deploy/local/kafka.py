"""How is Kafka set up and run for one machine with two cores?"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.local.class_archive import archive_flags, archive_path, archiving
from deploy.local.command import Command, Program
from deploy.local.failure import CannotRun
from deploy.local.kafka_metadata import has_live_broker
from deploy.local.ports import HOST, Ports
from deploy.local.server import telling_line

RELEASE = "4.3"  # what the data folder is stamped with: the metadata version that `format` writes
HEAP = "512m"
JVM_FLAGS = (
    f"-Xms{HEAP}",
    f"-Xmx{HEAP}",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # a short life on two cores: the second compiler would take half of the time it saves
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
)
# So that a path with any letters can be a class path.
ENVIRONMENT: Mapping[str, str] = {"LC_ALL": "C.UTF-8"}
# Kafka runs in its own folder and is given no path but names in it: in this file a path could hold no comma and no
# letter beyond Latin 1.
PROPERTIES_NAME = "server.properties"
# One broker that is its own controller. A killed broker is let in again only when its session has expired, so the
# session is short; sessions of consumer groups may be short too, so that tests need not wait for a rebalance.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{host}:{ports.kafka},CONTROLLER://{host}:{ports.controller}
advertised.listeners=PLAINTEXT://{host}:{ports.kafka}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.quorum.bootstrap.servers={host}:{ports.controller}
controller.quorum.append.linger.ms=5
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=2000
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=500
num.network.threads=2
num.io.threads=3
num.recovery.threads.per.data.dir=2
num.replica.fetchers=1
background.threads=1
group.coordinator.threads=1
group.coordinator.background.threads=1
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=16777216
"""


@dataclass(frozen=True, slots=True)
class Kafka:
    """Kafka's files in one folder, and the Java and jars that run it."""

    home: Path
    java: Path
    jars: Sequence[Path]

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "kafka.log"

    def configure(self, ports: Ports) -> None:
        """Write the configuration file for these ports."""
        self.home.mkdir(exist_ok=True)
        self._write_properties(ports, self.data)

    def format(self, ports: Ports) -> None:
        """Make the data folder as a whole or not at all.

        Raises:
            CannotRun: Kafka's own formatter refused.
        """
        unfinished = self.home / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self.home.mkdir(exist_ok=True)
        self._write_properties(ports, unfinished)
        options = ("format", "--standalone", "-t", new_cluster_id(), "-c", PROPERTIES_NAME)
        done = subprocess.run(
            self._run("kafka.tools.StorageTool", *options),
            cwd=self.home,
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise CannotRun(f"Kafka could not set up {self.data}: {telling_line(done.stdout + done.stderr)}")
        unfinished.rename(self.data)

    def command(self, ports: Ports) -> Command:
        """The running broker; ready when it counts itself among the live brokers."""
        return Command(
            name="Kafka",
            port=ports.kafka,
            argv=self._run("kafka.Kafka", PROPERTIES_NAME),
            folder=self.home,
            log=self.log,
            is_ready=partial(has_live_broker, HOST, ports.kafka),
            environment=ENVIRONMENT,
        )

    def archiving(self) -> Program | None:
        """The program that makes the next start of a Kafka, which serves now, a fast one; None when it is."""
        return archiving(self._class_archive, self.home, self._java, self._class_path)

    @property
    def _class_archive(self) -> Path:
        return archive_path(self.java, self.jars)

    def _write_properties(self, ports: Ports, data: Path) -> None:
        text = PROPERTIES.format(host=HOST, ports=ports, data=data.name)
        (self.home / PROPERTIES_NAME).write_text(text, encoding="ascii")

    @property
    def _java(self) -> tuple[str, ...]:
        return (str(self.java), *JVM_FLAGS)

    @property
    def _class_path(self) -> tuple[str, ...]:
        return ("-cp", ":".join(str(jar) for jar in self.jars))

    def _run(self, main_class: str, *arguments: str) -> tuple[str, ...]:
        return (*self._java, *archive_flags(self._class_archive), *self._class_path, main_class, *arguments)


def new_cluster_id() -> str:
    """A random UUID as Kafka writes it: 22 letters, the first never a hyphen, which would look like an option."""
    while (cluster_id := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        continue
    return cluster_id
