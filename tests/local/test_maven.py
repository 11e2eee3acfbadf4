"""Do jars come from the repository that the user's settings name?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local.maven import fetch_from_maven
from tests.local.builders import a_free_port, a_jar


class QuietHandler(SimpleHTTPRequestHandler):
    """A file server that does not write to the terminal."""

    def log_message(self, format: str, *args: object) -> None:
        return


def name_repository(port: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = folder / "jgo.conf"
    settings.write_text(f"[repositories]\nmine = http://127.0.0.1:{port}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a Maven repository of one's own, which the settings of jgo name."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    name_repository(server.server_port, tmp_path, monkeypatch)
    yield folder
    server.shutdown()
    server.server_close()


def test_a_jar_is_fetched_by_its_coordinate(mirror: Path, tmp_path: Path) -> None:
    published = mirror / "org" / "example" / "one" / "1.0" / "one-1.0.jar"
    published.parent.mkdir(parents=True)
    published.write_bytes(b"classes")

    path = fetch_from_maven(a_jar("one"), tmp_path / "staging")

    assert path.read_bytes() == b"classes"


def test_a_repository_that_cannot_be_reached_is_told_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_repository(a_free_port(), tmp_path, monkeypatch)

    with pytest.raises(ConnectionError, match="the Maven repository cannot be reached"):
        fetch_from_maven(a_jar("one"), tmp_path / "staging")


def test_a_jar_that_is_not_published_is_an_error_that_can_be_told(mirror: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not found"):
        fetch_from_maven(a_jar("one"), tmp_path / "staging")
