"""Who could be sent, from where, and when will they be free?"""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import MappingProxyType

import numpy as np

from dispatch.matching.columns import Floats, Ids, Ints, check_at_least, check_coordinates, check_lengths, check_unique

VEHICLES = MappingProxyType({"walking": 1, "bicycle": 2, "motorcycle": 4, "car": 8})
ANY_VEHICLE = sum(VEHICLES.values())


@dataclass(frozen=True, slots=True)
class Workers:
    """Workers as columns, one row per worker.

    Arguments:
        lon, lat: degrees, WGS-84, where the worker will be when free.
        free_at_s: POSIX seconds; now or earlier for an idle worker, the start of the shift for one who has not begun.
        on_duty_from_s, on_duty_until_s: the shift, POSIX seconds.
        pace_s_per_m: travel seconds per metre of straight line.
        vehicle: one bit of `VEHICLES`.
        skills: bits.
        load, capacity: offers and accepted cases that wait for this worker beside the one at hand, and how many may.
        reach_m: the service area, metres of straight line.
        last_asked_at_s, quiet_until_s: POSIX seconds, 0 when never.
        accepted, hours_on_duty: in this shift, for fairness.
        yes, answers: how often the worker would have gone, of so many answers (see `acceptance`).
    """

    ids: Ids
    lon: Floats
    lat: Floats
    free_at_s: Floats
    on_duty_from_s: Floats
    on_duty_until_s: Floats
    pace_s_per_m: Floats
    vehicle: Ints
    skills: Ints
    load: Ints
    capacity: Ints
    reach_m: Floats
    last_asked_at_s: Floats
    quiet_until_s: Floats
    accepted: Ints
    hours_on_duty: Floats
    yes: Floats
    answers: Floats

    def __post_init__(self) -> None:
        check_lengths({each.name: getattr(self, each.name) for each in fields(self)}, len(self.ids))
        check_coordinates(self.lon, self.lat)
        for name in ("pace_s_per_m", "load", "capacity", "reach_m", "accepted", "hours_on_duty", "yes", "answers"):
            check_at_least(name, getattr(self, name), 0.0)
        check_unique(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Ints) -> Workers:
        """These rows, in this order."""
        return Workers(*(getattr(self, each.name)[rows] for each in fields(self)))


def by_id(workers: Workers) -> Workers:
    """The rows ordered by id, so that the order in which they come does not matter."""
    if np.all(workers.ids[1:] > workers.ids[:-1]):
        return workers
    return workers.take(np.argsort(workers.ids, kind="stable"))
