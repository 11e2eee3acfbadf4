"""Which paired runs do the dispatch benchmarks share, so that each is played once?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deploy.local.failure import CannotRun
from dispatch.matching.parameters import Parameters, fitted_parameters
from dispatch.simulation.city_data import CityData, data_folder, read_city
from dispatch.simulation.clairvoyant import Effort
from dispatch.simulation.policies import PolicyName
from dispatch.simulation.report import plain_run
from dispatch.simulation.runs import Run, Task, player
from dispatch.simulation.scenarios import Scenario, measured_days, picks_of, scenarios_of

SEEDS = 2
CLAIRVOYANT_ROUNDS = 2_000


class Played:
    """Runs by policy and scenario, played when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.city: CityData = city_at(folder)
        self.parameters: Parameters = fitted_parameters()
        self._runs: dict[tuple[PolicyName, Scenario], list[Run]] = {}

    def scenarios(self) -> list[Scenario]:
        """All, the one without declines last."""
        return scenarios_of(self.city)

    def middle(self) -> Scenario:
        """The middle roster with declines."""
        without = self.scenarios()[-1]
        return next(each for each in self.scenarios() if each.volunteers == without.volunteers)

    def runs(self, policy: PolicyName, scenario: Scenario) -> list[Run]:
        """At least eight paired runs on the measured days."""
        if (policy, scenario) not in self._runs:
            picks = picks_of(scenario, measured_days(self.city), SEEDS)
            effort = Effort(CLAIRVOYANT_ROUNDS)
            with player(self.folder) as plays:
                tasks = [Task(pick, policy, self.parameters, effort) for pick in picks]
                self._runs[policy, scenario] = plays.play(tasks)
        return self._runs[policy, scenario]


_played: dict[Path, Played] = {}


def city_at(data: Path | None) -> CityData:
    """The city of a folder.

    Raises:
        CannotRun: says in one sentence what is missing, or which file, line and field will not do.
    """
    try:
        return read_city(data_folder(data))
    except (FileNotFoundError, ValueError) as error:
        raise CannotRun(str(error)) from error


def played(data: Path | None) -> Played:
    """The shared runs over a folder of data.

    Raises:
        CannotRun: says in one sentence what is missing, or which file, line and field will not do.
    """
    folder = data_folder(data)
    if folder not in _played:
        _played[folder] = Played(folder)
    return _played[folder]


def plain(policy: PolicyName, runs: Sequence[Run]) -> list[dict[str, object]]:
    """Every run's figures for the JSON file."""
    return [{"policy": policy.value, **plain_run(run)} for run in runs]
