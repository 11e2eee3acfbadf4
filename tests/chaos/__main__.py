"""Which command kills everything at random under load, and says whether anything was lost?"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
from pathlib import Path

from deploy.city import City, own_entry, start_city
from deploy.local.failure import CannotRun
from deploy.local.progress import Say, timed_lines
from tests.chaos.broken import TAKE_OUT
from tests.chaos.oracle import judge
from tests.chaos.result import lines_of, sum_up
from tests.chaos.run import run_chaos

DATA = Path("build/chaos-data")
RESULT = Path("build/chaos.json")
ROOT = Path(__file__).parents[2]
TWO_OF_EACH = {"intake": 2, "dispatch": 2, "notify": 2}
# A short session, so that an instance that is away loses its partitions to the other one and takes some back later.
ENVIRONMENT = {"NOTIFY_WEBHOOK_ALLOW_PRIVATE": "true", "CONSUMER_SESSION_TIMEOUT_MS": "3000"}


def main() -> int:
    """Run once; returns 1 when a promise was broken, 2 when the run could not be made."""
    arguments = _arguments()
    say = timed_lines(sys.stdout)
    shutil.rmtree(arguments.folder, ignore_errors=True)
    try:
        with _start(arguments.folder, arguments.broken_part, say) as city:
            story = asyncio.run(run_chaos(city, seed=arguments.seed, kills=arguments.kills, say=say))
    except CannotRun as error:
        sys.stderr.write(f"{error}\n")
        return 2
    result = sum_up(story, judge(story.seen), seed=arguments.seed, broken_part=arguments.broken_part)
    result.write(arguments.result)
    sys.stdout.writelines(line + "\n" for line in lines_of(result))
    return 1 if result.first_violations else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed plans the same kills and reports")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--break", dest="broken_part", choices=sorted(TAKE_OUT), help="run without this part")
    parser.add_argument("--folder", type=Path, default=DATA, help="where the servers keep their data; emptied first")
    parser.add_argument("--result", type=Path, default=RESULT, help="where the figures are written")
    return parser.parse_args()


def _start(folder: Path, broken_part: str | None, say: Say) -> City:
    if broken_part is None:
        return start_city(folder, instances=TWO_OF_EACH, environment=ENVIRONMENT, entry=own_entry, say=say)
    return start_city(
        folder,
        instances=TWO_OF_EACH,
        environment={**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        entry=lambda service: ("tests.chaos.broken", broken_part, service),
        say=say,
    )


if __name__ == "__main__":
    sys.exit(main())
