"""Do `up`, `status` and `down` do what a person at a terminal expects, even after a crash?"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.__main__ import main
from deploy.local.ports import HOST
from deploy.local.processes import kill_tree
from deploy.local.run_record import RunRecord
from tests.local.builders import a_free_port

VARIABLES = {"KAFKA_BOOTSTRAP_SERVERS", "INTAKE_DATABASE_URL", "DISPATCH_DATABASE_URL", "NOTIFY_DATABASE_URL"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder with letters and signs that a configuration file could trip over."""
    parent = Path(tempfile.mkdtemp(prefix="lamplight-"))
    parent.chmod(0o711)
    yield parent / "点亮, data = 1"
    shutil.rmtree(parent)


def up(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "deploy.local", "up", "--folder", str(folder), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def read_exports(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in VARIABLES]
    assert all(lines), process.communicate()[1]
    return dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)


def has_no_live_server(folder: Path) -> bool:
    record = RunRecord.read(folder)
    return record is not None and not record.has_live_server()


@pytest.mark.live
def test_up_serves_until_down_and_comes_back_at_the_same_addresses_after_it_was_killed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = up(folder)
    exports = read_exports(first)
    second = up(folder)
    said, _progress = second.communicate()

    first.kill()
    _rest, progress = first.communicate()
    third = up(folder)
    exports_again = read_exports(third)
    status_while_up = main(["status", "--folder", str(folder)])
    down = main(["down", "--folder", str(folder)])
    third.communicate()
    status_after_down = main(["status", "--folder", str(folder)])

    assert set(exports) == VARIABLES
    assert exports_again == exports
    assert exports["KAFKA_BOOTSTRAP_SERVERS"] in said
    assert "PostgreSQL is set up" in progress
    assert (second.returncode, third.returncode) == (0, 0)
    assert (status_while_up, down, status_after_down) == (0, 0, 1)
    assert exports["KAFKA_BOOTSTRAP_SERVERS"] in capsys.readouterr().out
    assert has_no_live_server(folder)


@pytest.mark.live
def test_up_ends_with_a_sentence_when_a_server_dies(folder: Path) -> None:
    process = up(folder)
    read_exports(process)
    record = RunRecord.read(folder)
    assert record is not None

    kill_tree(record.servers["PostgreSQL"].pid)
    _out, said = process.communicate()

    assert process.returncode == 1
    assert "PostgreSQL stopped by itself: see its log in" in said
    assert has_no_live_server(folder)


def test_a_named_port_that_is_taken_ends_up_with_one_sentence(folder: Path) -> None:
    port = a_free_port()
    with socket.create_server((HOST, port)):
        process = up(folder, "--kafka-port", str(port))
        _out, said = process.communicate()

    assert process.returncode == 1
    assert f"Port {port} cannot be used" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("port", ["0", "65536", "kafka", "-1"])
def test_what_is_no_port_is_refused_before_anything_starts(
    folder: Path, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["up", "--folder", str(folder), f"--kafka-port={port}"])

    assert "is no TCP port" in capsys.readouterr().err
    assert not folder.exists()


def test_down_without_servers_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down", "--folder", str(folder)]) == 0

    assert "No servers run" in capsys.readouterr().err
    assert not folder.exists()


def test_up_in_a_folder_that_is_no_folder_ends_with_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.write_text("")

    assert main(["up", "--folder", str(folder)]) == 1

    assert "cannot be used as data folder" in capsys.readouterr().err
