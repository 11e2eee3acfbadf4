"""Which numbers steer the matching, and where do they come from?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from dispatch.matching.acceptance import AcceptanceModel

FITTED = "fitted.json"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Settings of the matching; every time is in seconds, every distance in metres of straight line.

    Arguments:
        version: written into every decision.
        free_within_s: a busy worker counts when expected to be free within this time.
        starts_within_s: a worker whose shift begins within this time counts.
        ask_ahead_s: a busy worker is asked for the next case when expected to be free within this time; a worker who
            needs longer is only reckoned with, and the case is held.
        answer_s: how long an answer takes on average.
        cool_down_s: nobody is asked again sooner.
        worth_s: a case is left open rather than served at a higher cost, while others wait too.
        wait_floor_s, wait_share: how long a case would wait otherwise, of the time until the queue clears.
        pressure_share, pressure_limit: what one second of a worker's time costs while others wait.
        cycle_s: worker time per case, for the time until the queue clears.
        busy_price: what one second of a worker's time costs when half of the workers are busy and nobody waits.
        fairness_s: cost per case accepted per hour on duty.
        closing_s: a case is not put off when nobody could still set out for it after this time.
        ask_at_once, urgent_at_once: how many are asked together at least, for an ordinary and an urgent case.
        together_yes: so many are asked together that somebody says yes with this probability.
        closing_yes: that somebody says yes with this probability before the last could set out.
        together_most: at most so many for either.
        nearest: so many candidates are looked at first.
    """

    version: str = "unfitted"
    free_within_s: float = 1_800.0
    starts_within_s: float = 7_200.0
    ask_ahead_s: float = 400.0
    answer_s: float = 42.0
    cool_down_s: float = 30.0
    worth_s: float = 7_200.0
    wait_floor_s: float = 600.0
    wait_share: float = 1.0
    pressure_share: float = 1.0
    pressure_limit: float = 10.0
    cycle_s: float = 800.0
    busy_price: float = 1.2
    fairness_s: float = 0.0
    closing_s: float = 600.0
    ask_at_once: int = 1
    together_yes: float = 0.0
    closing_yes: float = 0.95
    together_most: int = 6
    urgent_at_once: int = 3
    nearest: int = 8
    acceptance: AcceptanceModel = field(default_factory=AcceptanceModel)
    how: str = "defaults, not fitted"

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, int | float) and not value >= 0:
                raise ValueError(f"{each.name}: {value} is under 0")
        if self.together_yes >= 1 or self.closing_yes >= 1:
            raise ValueError("together_yes, closing_yes: nobody is that sure, below 1")
        if self.nearest < 1 or self.ask_at_once < 1:
            raise ValueError("nearest, ask_at_once: at least 1")

    def as_json(self) -> str:
        """The whole as a JSON document; `parameters_from` reads it."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def parameters_from(text: str) -> Parameters:
    """Read a JSON document of parameters; what is left out keeps its default.

    Raises:
        ValueError: an unknown name, or a value out of range, named.
    """
    given: dict[str, Any] = json.loads(text)
    known = {each.name for each in fields(Parameters)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise ValueError(f"unknown parameters: {', '.join(unknown)}")
    acceptance = given.pop("acceptance", None)
    if acceptance is not None:
        given["acceptance"] = AcceptanceModel(**{**acceptance, "by_hour": tuple(acceptance.get("by_hour", ()))})
    return Parameters(**given)


def fitted_parameters() -> Parameters:
    """The frozen parameters that are shipped, with how they were obtained."""
    return parameters_from(files("dispatch.matching").joinpath(FITTED).read_text(encoding="utf-8"))


def parameters_at(path: Path | None) -> Parameters:
    """The parameters of a file, or the shipped ones."""
    return fitted_parameters() if path is None else parameters_from(path.read_text(encoding="utf-8"))
