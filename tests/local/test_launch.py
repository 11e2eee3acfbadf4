"""Are data that should be there never replaced by empty ones?"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.failure import CannotRun
from deploy.local.folder import DataFolder
from deploy.local.launch import start

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


def test_an_interrupted_setting_up_is_done_again(folder: Path) -> None:
    DataFolder(folder).release()
    (folder / "kafka" / "data.unfinished").mkdir(parents=True)
    (folder / "kafka" / "data.unfinished" / "meta.properties").write_text("half")

    with start(folder) as stack:
        kafka_pid = stack.kafka_pid

    assert kafka_pid is not None
    assert not (folder / "kafka" / "data.unfinished").exists()
