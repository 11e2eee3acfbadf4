"""Which commands try the matching on recorded days: play policies, compare two settings, fit parameters?

`lamplight simulate|what-if|fit|import --help` lists their options (`make setup` installs it; without,
`python -m dispatch.commands`).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dispatch.matching.parameters import parameters_at
from dispatch.simulation.city_data import CityData, data_folder, read_city
from dispatch.simulation.clairvoyant import Effort
from dispatch.simulation.fit import fit
from dispatch.simulation.page import write_page
from dispatch.simulation.pictures import draw
from dispatch.simulation.policies import PolicyName
from dispatch.simulation.recorded import write_reports
from dispatch.simulation.report import Comparison, print_comparison, write_json
from dispatch.simulation.runs import Player, Task, Tick, player
from dispatch.simulation.scenarios import Scenario, measured_days, picks_of, scenarios_of
from dispatch.simulation.what_if import play_both, print_what_if

OUT = Path("build/simulation")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 2 when its input is missing or will not do, said in one sentence."""
    options = _parser().parse_args(arguments)
    console = Console()
    try:
        COMMANDS[options.command](options, console)
    except (FileNotFoundError, ValueError) as error:
        console.print(f"[red]{error}[/red]")
        return 2
    return 0


def simulate(options: Namespace, console: Console) -> None:
    """Play policies over all scenarios; table, JSON, one PNG per scenario, one page."""
    folder = data_folder(options.data)
    city = read_city(folder)
    names = [PolicyName(name) for name in options.policies.split(",")]
    with player(folder) as plays:
        comparisons = [_compared(each, names, city, plays, options) for each in _scenarios(city, options)]
    pictures = [options.out / f"{each.scenario.name.replace(' ', '_')}.png" for each in comparisons]
    for comparison, picture in zip(comparisons, pictures, strict=True):
        print_comparison(comparison, console, names[0] if PolicyName.GREEDY not in names else PolicyName.GREEDY)
        draw(comparison, picture)
    write_json(comparisons, options.out / "simulation.json")
    write_page(comparisons, pictures, options.out / "simulation.html")
    console.print(f"{options.out}: simulation.json, simulation.html, {len(pictures)} pictures")


def what_if(options: Namespace, console: Console) -> None:
    """Compare two settings files on the same days and seeds."""
    folder = data_folder(options.data)
    city = read_city(folder)
    today, proposed = parameters_at(options.today), parameters_at(options.proposed)
    for scenario in _scenarios(city, options):
        picks = picks_of(scenario, measured_days(city), options.seeds)
        with player(folder) as plays, _progress(f"{scenario.name}", 2 * len(picks)) as tick:
            print_what_if(play_both(plays, picks, today, proposed, tick), console)


def fit_parameters(options: Namespace, console: Console) -> None:
    """Fit the parameters on the first days and write them with how they were obtained."""
    folder = data_folder(options.data)
    with player(folder) as plays:
        start = parameters_at(options.start)
        found = fit(read_city(folder), plays, start=start, trials=options.trials, say=console.print)
    version = options.version or found.parameters.version
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "fitted.json"
    path.write_text(replace(found.parameters, version=version).as_json(), encoding="utf-8")
    console.print(f"score {found.score:+.4f}; written to {path}")


def import_stream(options: Namespace, console: Console) -> None:
    """Make the reports of a recorded event stream a data set."""
    console.print(f"written to {write_reports(options.stream, options.out, ZoneInfo(options.zone))}")


COMMANDS = {"simulate": simulate, "what-if": what_if, "fit": fit_parameters, "import": import_stream}


def _compared(
    scenario: Scenario, names: list[PolicyName], city: CityData, plays: Player, options: Namespace
) -> Comparison:
    parameters, effort = parameters_at(options.parameters), Effort(options.rounds)
    picks = picks_of(scenario, measured_days(city), options.seeds)
    tasks = [Task(pick, name, parameters, effort) for name in names for pick in picks]
    with _progress(scenario.name, len(tasks)) as tick:
        runs = plays.play(tasks, tick)
    return Comparison(scenario, {name: [run for run in runs if run.task.policy is name] for name in names})


def _scenarios(city: CityData, options: Namespace) -> list[Scenario]:
    wanted = [each for each in scenarios_of(city) if options.scenario in ("", each.name)]
    if not wanted:
        raise ValueError(f"scenario: {options.scenario} is none of {[each.name for each in scenarios_of(city)]}")
    return wanted


@contextmanager
def _progress(title: str, total: int) -> Iterator[Tick]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="lamplight", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in COMMANDS.items():
        command = commands.add_parser(name, help=run.__doc__)
        command.add_argument("--data", type=Path, help="folder with reports.csv and volunteers_<n>.csv")
        command.add_argument("--out", type=Path, default=OUT, help="where to write")
        if name in ("simulate", "what-if"):
            command.add_argument("--scenario", default="", help="such as 250; all when left out")
            command.add_argument("--seeds", type=int, default=2, help="seeds per day")
    simulated, compared, fitted, imported = (commands.choices[name] for name in COMMANDS)
    simulated.add_argument("--policies", default="fifo,greedy,batch,ours,clairvoyant")
    simulated.add_argument("--parameters", type=Path, help="settings of ours; the shipped ones when left out")
    simulated.add_argument("--rounds", type=int, default=Effort().rounds, help="search rounds of the clairvoyant")
    compared.add_argument("--today", type=Path, help="settings file; the shipped one when left out")
    compared.add_argument("--proposed", type=Path, required=True, help="settings file")
    fitted.add_argument("--start", type=Path, help="settings to start from; the shipped ones when left out")
    fitted.add_argument("--trials", type=int, default=40)
    fitted.add_argument("--version", default="", help="written into the file and into every decision")
    imported.add_argument("--stream", type=Path, required=True, help="JSON lines with type and data")
    imported.add_argument("--zone", default="Asia/Shanghai", help="the city's time zone")
    return parser


if __name__ == "__main__":
    sys.exit(main())
