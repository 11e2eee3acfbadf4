"""Does a start leave whole data, no servers of a failed try, and never empty data in place of lost ones?"""

from __future__ import annotations

import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.local.account import server_account
from deploy.local.cache import cache_folder
from deploy.local.failure import CannotRun
from deploy.local.folder import DataFolder
from deploy.local.jars import ensure_jars, locked_jars
from deploy.local.java import find_java
from deploy.local.kafka import Kafka, new_cluster_id
from deploy.local.launch import start
from deploy.local.maven import fetch_from_maven
from deploy.local.ports import HOST, Ports
from deploy.local.postgres import Postgres
from deploy.local.postgres_place import find_programs, make_home
from deploy.local.run_record import RunRecord

pytestmark = pytest.mark.live


@pytest.fixture
def folder() -> Iterator[Path]:
    """An open, empty folder."""
    path = Path(tempfile.mkdtemp(prefix="lamplight-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def test_a_folder_that_lost_its_data_is_refused(folder: Path) -> None:
    data = DataFolder(folder)
    data.mark_complete()
    data.release()

    with pytest.raises(CannotRun, match=r"Kafka data of .* is gone: put it back, or move .* away and start empty"):
        start(folder)


def test_a_refused_start_lets_others_use_the_folder(folder: Path) -> None:
    data = DataFolder(folder)
    data.mark_complete()
    data.release()
    with pytest.raises(CannotRun):
        start(folder)

    DataFolder(folder).release()


def test_another_port_is_found_when_a_free_one_is_snatched_away(folder: Path) -> None:
    with ExitStack() as snatched:

        def snatch_the_first(step: str) -> None:
            if (address := re.search(r"Starting Kafka at [\d.]+:(\d+)", step)) and not steps:
                snatched.enter_context(socket.create_server((HOST, int(address[1]))))
                steps.append(step)

        steps: list[str] = []
        with start(folder, say=snatch_the_first) as stack:
            served_at = stack.bootstrap_servers

    assert steps
    assert served_at not in steps[0]


def test_an_interrupted_start_leaves_no_server_behind(folder: Path) -> None:
    def interrupt(step: str) -> None:
        if step == "Ready":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start(folder, say=interrupt)

    record = RunRecord.read(folder)
    assert record is not None
    assert not record.has_live_server()
    DataFolder(folder).release()


def test_an_interrupted_setting_up_of_kafka_is_done_again(folder: Path) -> None:
    jars = ensure_jars(locked_jars(), cache_folder(), fetch_from_maven)
    kafka = Kafka(home=folder, java=find_java(), jars=jars)
    (folder / "data.unfinished").mkdir()
    (folder / "data.unfinished" / "meta.properties").write_text("half")

    kafka.format(Ports(kafka=20001, controller=20002, postgres=20003))

    assert "cluster.id" in (kafka.data / "meta.properties").read_text()
    assert not (folder / "data.unfinished").exists()


def test_a_cluster_id_never_looks_like_an_option() -> None:
    ids = [new_cluster_id() for _ in range(2_000)]

    assert {len(cluster_id) for cluster_id in ids} == {22}
    assert not any(cluster_id.startswith("-") for cluster_id in ids)


def test_an_interrupted_setting_up_of_postgresql_is_done_again(folder: Path) -> None:
    account = server_account()
    home = make_home(folder, account)
    postgres = Postgres(home, find_programs(account), folder / "log", "secret", account)
    (home / "data.unfinished").mkdir()
    (home / "data.unfinished" / "PG_VERSION").write_text("half")

    postgres.initialise()

    assert (postgres.data / "PG_VERSION").read_text() == "18\n"
    assert [path.name for path in home.iterdir()] == ["data"]
