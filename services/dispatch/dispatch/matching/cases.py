"""Which cases are open, where, and since when?"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from dispatch.matching.columns import Floats, Ids, Ints, check_at_least, check_coordinates, check_lengths, check_unique


@dataclass(frozen=True, slots=True)
class Cases:
    """Open cases as columns, one row per case.

    Arguments:
        lon, lat: degrees, WGS-84.
        reported_at_s, expires_at_s: POSIX seconds; past `expires_at_s` nobody need come any more.
        urgency: 1 is an ordinary case, 2 counts each minute of waiting twice.
        category: a number per category, as the acceptance model knows it.
        skills: bits that a worker must have all of.
        vehicles: bits of the vehicles that will do (see `workers.VEHICLES`).
    """

    ids: Ids
    lon: Floats
    lat: Floats
    reported_at_s: Floats
    expires_at_s: Floats
    urgency: Floats
    category: Ints
    skills: Ints
    vehicles: Ints

    def __post_init__(self) -> None:
        check_lengths({each.name: getattr(self, each.name) for each in fields(self)}, len(self.ids))
        check_coordinates(self.lon, self.lat)
        check_at_least("expires_at_s", self.expires_at_s - self.reported_at_s, 0.0)
        check_at_least("urgency", self.urgency, 0.0)
        check_unique(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Ints) -> Cases:
        """These rows, in this order."""
        return Cases(*(getattr(self, each.name)[rows] for each in fields(self)))


def by_id(cases: Cases) -> Cases:
    """The rows ordered by id, so that the order in which they come does not matter."""
    if np.all(cases.ids[1:] > cases.ids[:-1]):
        return cases
    return cases.take(np.argsort(cases.ids, kind="stable"))
