"""Is the record of a run read back as written, and never trusted when it is broken?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.local.processes import ProcessMark
from deploy.local.run_record import RunRecord
from tests.local.builders import a_dead_process, a_record


def test_a_record_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    record = a_record(ProcessMark.of(os.getpid()), Kafka=a_dead_process())

    record.write(tmp_path)

    assert RunRecord.read(tmp_path) == record


def test_the_record_is_for_its_owner_alone_because_it_holds_the_password(tmp_path: Path) -> None:
    a_record(a_dead_process()).write(tmp_path)

    assert (tmp_path / "run.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"owner": {"pid": 1}}'])
def test_a_broken_record_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)

    assert RunRecord.read(tmp_path) is None


def test_a_record_knows_whether_a_server_runs() -> None:
    here = ProcessMark.of(os.getpid())

    assert a_record(a_dead_process(), Kafka=here).has_live_server()
    assert not a_record(here, Kafka=a_dead_process()).has_live_server()
