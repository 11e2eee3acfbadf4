"""Does a server start, stop and die as it should, and never outlive its starter?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from deploy.local.failure import CannotRun, PortTaken
from deploy.local.server import Server
from tests.local.builders import IGNORES_ITS_STOP, LISTENS, a_command, a_free_port, listens, wait_until

STARTER = """
import sys, time
from pathlib import Path
from deploy.local.server import Server
from tests.local.builders import a_command
server = Server(a_command(Path(sys.argv[1]), port=int(sys.argv[2])))
server.start()
server.wait_ready()
print(server.mark.pid, flush=True)
time.sleep(60)
"""


def test_a_started_server_serves_until_it_is_stopped(tmp_path: Path) -> None:
    command = a_command(tmp_path)
    server = Server(command)
    server.start()
    server.wait_ready()

    server.stop()

    assert not listens(command.port)
    assert server.mark is None


def test_a_server_can_be_killed_and_started_again_on_its_port(tmp_path: Path) -> None:
    server = Server(a_command(tmp_path))
    server.start()
    server.wait_ready()
    first = server.mark

    server.kill()
    server.start()
    server.wait_ready()

    assert first is not None
    assert not first.is_alive()
    assert server.mark not in (None, first)
    server.stop()


def test_a_kill_takes_the_children_with_it(tmp_path: Path) -> None:
    server = Server(a_command(tmp_path, code=f"import subprocess; subprocess.Popen(['sleep', '60']); {LISTENS}"))
    server.start()
    server.wait_ready()
    assert server.mark is not None
    (child,) = psutil.Process(server.mark.pid).children()

    server.kill()

    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_server_that_ignores_its_stop_is_killed_after_its_time_of_grace(tmp_path: Path) -> None:
    server = Server(a_command(tmp_path, code=IGNORES_ITS_STOP, grace_s=0.2))
    server.start()
    server.wait_ready()
    mark = server.mark

    server.stop()

    assert mark is not None
    assert not mark.is_alive()


def test_a_server_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    port = a_free_port()
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path), str(port)], stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    assert starter.stdout is not None
    starter.stdout.readline()

    starter.kill()
    starter.communicate()

    wait_until(lambda: not listens(port))


def test_a_server_whose_keeper_was_killed_is_still_stopped(tmp_path: Path) -> None:
    server = Server(a_command(tmp_path))
    server.start()
    server.wait_ready()
    mark = server.mark
    assert mark is not None
    os.kill(psutil.Process(mark.pid).ppid(), signal.SIGKILL)
    wait_until(server.has_stopped_by_itself)

    server.stop()

    assert not mark.is_alive()


def test_starting_a_running_server_is_refused(tmp_path: Path) -> None:
    server = Server(a_command(tmp_path))
    server.start()

    with pytest.raises(CannotRun, match="Example is running already"):
        server.start()
    server.stop()


def test_stopping_twice_and_killing_what_never_ran_does_nothing(tmp_path: Path) -> None:
    server = Server(a_command(tmp_path))

    server.kill()
    server.stop()
    server.stop()

    assert not server.is_running()


def test_a_server_that_fails_says_why_in_the_words_of_its_log(tmp_path: Path) -> None:
    server = Server(a_command(tmp_path, code="raise OSError('no space left')"))
    server.start()

    with pytest.raises(CannotRun, match=r"Example stopped by itself: OSError: no space left .*example\.log"):
        server.wait_ready()
    server.stop()


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    server = Server(replace(a_command(tmp_path), argv=("/no/such/program",)))
    server.start()

    with pytest.raises(CannotRun, match="/no/such/program"):
        server.wait_ready()
    server.stop()


def test_a_server_that_does_not_answer_in_time_points_to_its_log(tmp_path: Path) -> None:
    server = Server(a_command(tmp_path, code="import time; time.sleep(60)"))
    server.start()

    with pytest.raises(CannotRun, match=r"did not answer within 0 s: see .*example\.log"):
        server.wait_ready(timeout_s=0.2)
    server.stop()


def test_a_port_that_is_taken_before_the_start_is_refused(tmp_path: Path) -> None:
    command = a_command(tmp_path)
    first, second = Server(command), Server(command)
    first.start()
    first.wait_ready()

    with pytest.raises(PortTaken, match=f"Port {command.port} cannot be used"):
        second.start()
    first.stop()


def test_a_port_that_is_taken_during_the_start_is_told_apart_from_other_failures(tmp_path: Path) -> None:
    server = Server(a_command(tmp_path, code="raise OSError('Address already in use')"))
    server.start()

    with pytest.raises(PortTaken, match="Another program took port"):
        server.wait_ready()
    server.stop()


def test_what_an_earlier_run_wrote_to_the_log_is_not_taken_for_this_ones_failure(tmp_path: Path) -> None:
    (tmp_path / "example.log").write_text("OSError: Address already in use\n")
    server = Server(a_command(tmp_path, code="raise OSError('no space left')"))
    server.start()

    with pytest.raises(CannotRun, match="no space left"):
        server.wait_ready()
    server.stop()
