"""Do jars come from the repository that the user's settings name?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local.maven import fetch_from_maven
from tests.local.builders import a_jar


class QuietHandler(SimpleHTTPRequestHandler):
    """A file server that does not write to the terminal."""

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a Maven repository of one's own, which the settings of jgo name."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings = tmp_path / "jgo.conf"
    settings.write_text(f"[repositories]\nmine = http://127.0.0.1:{server.server_port}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    yield folder
    server.shutdown()
    server.server_close()


def test_a_jar_is_fetched_by_its_coordinate(mirror: Path, tmp_path: Path) -> None:
    published = mirror / "org" / "example" / "one" / "1.0" / "one-1.0.jar"
    published.parent.mkdir(parents=True)
    published.write_bytes(b"classes")

    path = fetch_from_maven(a_jar("one"), tmp_path / "staging")

    assert path.read_bytes() == b"classes"


def test_a_jar_that_is_not_published_is_an_error_that_can_be_told(mirror: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not found"):
        fetch_from_maven(a_jar("one"), tmp_path / "staging")
