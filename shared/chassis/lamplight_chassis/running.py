"""How is a service started from the command line?"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import uvicorn
from fastapi import FastAPI

from lamplight_chassis.logs import configure_logs
from lamplight_chassis.service import Service
from lamplight_chassis.settings import ServiceSettings
from lamplight_chassis.watchdog import look_after

# Open event streams never end by themselves: after this long they are closed.
GRACE_S = 2

Settings = TypeVar("Settings", bound=ServiceSettings)


def main(*, name: str, settings: Settings, migrations: Path, create_app: Callable[[Settings], FastAPI]) -> None:
    """`serve` (the default) runs the service until SIGTERM; `migrate` brings its database to the newest revision."""
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=main.__doc__)
    parser.add_argument("command", nargs="?", default="serve", choices=("serve", "migrate"))
    command = parser.parse_args().command
    configure_logs(service=name, instance=settings.instance_id, level=settings.log_level)
    if command == "migrate":
        from lamplight_chassis.migrations import migrate  # noqa: PLC0415 - ten megabytes that a service has no use for

        asyncio.run(migrate(settings, migrations))
        return
    app = create_app(settings)
    service: Service = app.state.service
    look_after(lambda: service.pulse, patience_s=settings.stuck_exit_s)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=30,
    )
