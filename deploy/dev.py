"""How does a developer get the whole system to try things on? `python -m deploy.dev` runs it until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from deploy.city import SERVICES, City, start_city
from deploy.local.failure import CannotRun
from deploy.local.progress import timed_lines

WATCH_EVERY_S = 1.0


def main() -> None:
    """Start everything, print where it answers, and stop it all at the end."""
    parser = argparse.ArgumentParser(prog="python -m deploy.dev", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/dev"), help="where the data stays between runs")
    folder = parser.parse_args().folder
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with start_city(folder, say=timed_lines(sys.stderr)) as city:
            _print_addresses(city)
            while (stopped := city.stopped_by_itself()) is None:
                time.sleep(WATCH_EVERY_S)
            sys.exit(f"{stopped}\nEverything else is stopped too.")
    except CannotRun as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")


def _print_addresses(city: City) -> None:
    for service in SERVICES:
        sys.stdout.write(f"{service:9} {city.url(service)}/docs\n")
    for name, value in city.variables.items():
        sys.stdout.write(f"export {name}={value}\n")
    sys.stdout.flush()


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
