"""Which reports does a city's folder hold, and which of them tell what somebody had told before?

The city's own links are the truth. Reports with one parent, and the parent, are a family. A report whose family has
an earlier report in the data is a duplicate. A report with a parent whose family has none is left out of the judgement:
the city says that it is a duplicate, but of something that nobody can find here.

A report joins open cases only. What the city had closed on an earlier day is closed for a new report;
closings on the same day or later, which nobody knew, are not read.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import isnan
from pathlib import Path
from uuid import UUID

import pandas as pd

from deploy.local.failure import CannotRun
from intake.duplicates.clues import Clue

DATA_VARIABLE = "LAMPLIGHT_DATA"
BESIDE_THE_REPOSITORY = Path("../shared/data")
CITY = "sandiego_311"
JUDGED_DAYS = 2
NO_CATEGORY = "none given"
REPORT_COLUMNS = ("service_request_id", "date_requested", "service_name", "lat", "lng")
LABEL_COLUMNS = ("service_request_id", "service_request_parent_id", "date_closed")


@dataclass(frozen=True, slots=True)
class Told:
    """One report in the order of time.

    Arguments:
        clue: None when it has no point; it can then be no duplicate of anything.
        day: counts from 0.
        is_known_before: the city links it to a family of which an earlier report is in the data.
        is_orphan: the city links it to something that is not in the data.
    """

    clue: Clue | None
    category: str
    day: int
    family: int
    is_known_before: bool
    is_orphan: bool
    closed_on: date | None

    def was_open_for(self, new: Told) -> bool:
        """Whether a later report could still join it."""
        return self.closed_on is None or new.clue is None or self.closed_on >= new.clue.at.date()


@dataclass(frozen=True, slots=True)
class CityLinks:
    """All reports in the order of time, and the first day that is judged."""

    told: Sequence[Told]
    first_judged_day: int

    def fitted(self) -> Sequence[Told]:
        """The reports of the first days, with the links that were known by then."""
        return [each for each in self.told if each.day < self.first_judged_day]


def read_city_links(given: Path | None) -> CityLinks:
    """Read `reports` and `labels`, `.csv` or `.csv.gz`, from the folder or from the one with San Diego's data in it.

    Raises:
        CannotRun: a file or a column is missing; it is named.
    """
    root = given or Path(os.environ.get(DATA_VARIABLE, BESIDE_THE_REPOSITORY))
    folder = root / CITY if (root / CITY).is_dir() else root
    reports = _read(folder, "reports", REPORT_COLUMNS)
    labels = _read(folder, "labels", LABEL_COLUMNS)
    rows = reports.merge(labels[list(LABEL_COLUMNS)], on="service_request_id", how="left")
    rows = rows.sort_values(["date_requested", "service_request_id"]).reset_index(drop=True)
    days = {day: number for number, day in enumerate(sorted({str(when)[:10] for when in rows["date_requested"]}))}
    if len(days) <= JUDGED_DAYS:
        raise CannotRun(f"{folder}: {len(days)} days are too few to fit on some and judge {JUDGED_DAYS} others.")
    return CityLinks(_told(rows, days), len(days) - JUDGED_DAYS)


def _read(folder: Path, name: str, columns: Sequence[str]) -> pd.DataFrame:
    path = next((path for path in (folder / f"{name}.csv.gz", folder / f"{name}.csv") if path.is_file()), None)
    if path is None:
        raise CannotRun(f"No {name}.csv or {name}.csv.gz in {folder}.")
    frame = pd.read_csv(path, low_memory=False)
    if missing := [column for column in columns if column not in frame]:
        raise CannotRun(f"{path}: column {missing[0]} is missing.")
    return frame


def _told(rows: pd.DataFrame, days: dict[str, int]) -> list[Told]:
    seen: set[int] = set()
    told: list[Told] = []
    for number, row in enumerate(rows.to_dict("records")):
        parent = row["service_request_parent_id"]
        family = int(row["service_request_id"] if pd.isna(parent) else parent)
        told.append(
            Told(
                clue=_clue(number, row),
                category=_word(row, "service_name") or NO_CATEGORY,
                day=days[str(row["date_requested"])[:10]],
                family=family,
                is_known_before=family in seen,
                is_orphan=not pd.isna(parent) and family not in seen,
                closed_on=_day(row, "date_closed"),
            )
        )
        seen.add(family)
    return told


def _clue(number: int, row: Mapping[Hashable, object]) -> Clue | None:
    longitude_deg, latitude_deg = float(str(row["lng"])), float(str(row["lat"]))
    if isnan(longitude_deg) or isnan(latitude_deg):
        return None
    return Clue(
        id=UUID(int=number),
        at=datetime.fromisoformat(str(row["date_requested"])).replace(tzinfo=UTC),
        longitude_deg=longitude_deg,
        latitude_deg=latitude_deg,
        category=_word(row, "service_name") or NO_CATEGORY,
        group=_word(row, "case_record_type"),
        text=_word(row, "public_description"),
        address=_word(row, "street_address"),
    )


def _day(row: Mapping[Hashable, object], column: str) -> date | None:
    word = _word(row, column)
    return date.fromisoformat(word[:10]) if word else None


def _word(row: Mapping[Hashable, object], column: str) -> str:
    value = row.get(column)
    return value.strip() if isinstance(value, str) else ""
