"""Does `down` stop the process that runs the servers, and say so when it cannot?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from deploy.local.failure import CannotRun
from deploy.local.processes import ProcessMark
from deploy.local.takedown import take_down
from tests.local.builders import (
    IGNORES_ITS_STOP,
    a_dead_process,
    a_free_port,
    a_record,
    a_sleeping_process,
    listens,
    wait_until,
    without_rights,
)


def test_the_owner_is_ended_and_then_its_servers_are_gone(tmp_path: Path) -> None:
    with a_sleeping_process() as owner:
        a_record(owner, Kafka=owner).write(tmp_path)

        said = take_down(tmp_path)

        assert not owner.is_alive()
    assert said == f"The servers of {tmp_path} are stopped"


def test_a_process_whose_servers_are_stopped_already_is_left_alone(tmp_path: Path) -> None:
    with a_sleeping_process() as owner:
        a_record(owner, Kafka=a_dead_process()).write(tmp_path)

        said = take_down(tmp_path)

        assert owner.is_alive()
    assert said == f"No servers run in {tmp_path}"


def test_an_owner_that_does_not_end_is_named(tmp_path: Path) -> None:
    port = a_free_port()
    with subprocess.Popen([sys.executable, "-c", IGNORES_ITS_STOP, str(port)]) as stubborn:
        wait_until(lambda: listens(port))
        owner = ProcessMark.of(stubborn.pid)
        a_record(owner, Kafka=owner).write(tmp_path)

        with pytest.raises(CannotRun, match=f"Process {owner.pid} runs the servers and did not end .*: kill it"):
            take_down(tmp_path, timeout_s=0.1)
        stubborn.kill()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a process of another user")
def test_an_owner_of_another_user_is_named() -> None:
    with a_sleeping_process() as owner, without_rights():
        folder = Path(tempfile.mkdtemp(dir="/tmp"))
        a_record(owner, Kafka=owner).write(folder)

        with pytest.raises(CannotRun, match="belongs to another user: stop it as that user"):
            take_down(folder)
        shutil.rmtree(folder)
