"""Which command shows the whole system at work? `python -m deploy.demo` starts it, plays, counts and cleans up."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.city import City, start_city
from deploy.demo import words
from deploy.demo.ending import Ending
from deploy.demo.language import Language, default_language
from deploy.demo.pacing import FULL_ACT_S, quick_act_s
from deploy.demo.show import Plan, perform
from deploy.demo.start_steps import step_in
from deploy.demo.terminal import Terminal
from deploy.local.failure import CannotRun

DEFAULT_FOLDER = Path("build/demo")
DEFAULT_SEED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; answers the exit status: 0, or 1 when it cannot run or a sum is wrong."""
    options = read_options(arguments)
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    terminal = Terminal(sys.stdout, options.lang, os.environ)
    ending = Ending()
    ending.listen()
    try:
        return _run(options, terminal, ending)
    except CannotRun as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    except KeyboardInterrupt:
        terminal.say(words.STOPPED.of(terminal.language))
        return 0


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line: `quick`, `lang`, `seed`, `folder`."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    language = default_language(os.environ)
    parser.add_argument("--quick", action="store_true", help="play faster, and end by itself within two minutes")
    parser.add_argument(
        "--lang", type=Language, choices=list(Language), default=language, help="zh or en (default: the locale's)"
    )
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="what the noon is drawn from (%(default)s)")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="data folder (%(default)s)")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace, terminal: Terminal, ending: Ending) -> int:
    city = start_city(options.folder, say=lambda step: terminal.say(step_in(terminal.language, step)))
    act_s = quick_act_s(terminal.elapsed_s) if options.quick else FULL_ACT_S
    try:
        return asyncio.run(perform(city, terminal, Plan(options.seed, act_s, stays_up=not options.quick), ending))
    finally:
        ending.begin()
        _stop(city, terminal)


def _stop(city: City, terminal: Terminal) -> None:
    names = ", ".join([*(str(instance) for instance in city.instances), "Kafka", "PostgreSQL"])
    try:
        terminal.console.print()
        terminal.say(words.STOPPING.of(terminal.language).format(names=names))
    finally:
        city.stop()
    terminal.say(words.STOPPED.of(terminal.language))


if __name__ == "__main__":
    sys.exit(main())
