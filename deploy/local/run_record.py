"""What did the last start leave in the data folder about its processes and addresses?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from deploy.local.ports import Ports
from deploy.local.processes import ProcessMark
from deploy.local.whole_file import write_whole

NAME = "run.json"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of the servers: who started them, where they listen, which processes they are."""

    owner: ProcessMark
    ports: Ports
    bootstrap_servers: str
    database_url: str
    servers: Mapping[str, ProcessMark] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The record of the folder, or None when there is none that can be read."""
        try:
            content = json.loads((folder / NAME).read_text(encoding="utf-8"))
            return cls(
                owner=ProcessMark(**content["owner"]),
                ports=Ports(**content["ports"]),
                bootstrap_servers=content["bootstrap_servers"],
                database_url=content["database_url"],
                servers={name: ProcessMark(**mark) for name, mark in content["servers"].items()},
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @property
    def database_place(self) -> str:
        """Where the database is, for everybody to read: without the password."""
        parts = urlsplit(self.database_url)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

    def has_live_server(self) -> bool:
        """Whether at least one of the servers runs now."""
        return any(mark.is_alive() for mark in self.servers.values())

    def write(self, folder: Path) -> None:
        """Replace the folder's record as a whole."""
        write_whole(folder / NAME, json.dumps(asdict(self), indent=2) + "\n")
