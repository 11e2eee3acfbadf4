"""Which reports and volunteers does a city's folder of CSV files hold?

A folder has `reports.csv` (or `.csv.gz`) and one `volunteers_<n>.csv` per scenario, in its root or in one folder below:

- reports: `service_request_id`, `date_requested` (local ISO time), `lat`, `lng`, `service_name` (optional);
- volunteers: `volunteer_id`, `lat`, `lng`, `on_s`, `off_s` (seconds of the local day), `vehicle` (car, motorcycle,
  bicycle, walking), `base_accept` (0..1, the chance of a yes on the spot; only the simulated world reads it).

Reports without a usable point are left out and counted: no coordinates, or farther from the middle of the city than
`CITY_DEGREES`. Anything else that will not do is refused with file, line and field.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from dispatch.simulation.world import SPEED_KMH, Reports, Volunteers

DATA_VARIABLE = "LAMPLIGHT_DATA"
BESIDE_THE_REPOSITORY = Path("../shared/data")
CITY_DEGREES = 0.5
REPORT_COLUMNS = ("service_request_id", "date_requested", "lat", "lng")
VOLUNTEER_LIMITS = MappingProxyType(
    {"lat": (-90, 90), "lng": (-180, 180), "on_s": (0, 86_400), "off_s": (0, 172_800), "base_accept": (0, 1)}
)
VOLUNTEER_COLUMNS = ("volunteer_id", "lat", "lng", "on_s", "off_s", "vehicle", "base_accept")


@dataclass(frozen=True, slots=True)
class CityData:
    """One city: reports by local day, volunteers by scenario size.

    Arguments:
        left_out: reports without a usable point.
    """

    days: dict[str, Reports]
    volunteers: dict[int, Volunteers]
    left_out: int


def data_folder(given: Path | None) -> Path:
    """The folder asked for, or that of the environment, or the one beside the repository."""
    return given or Path(os.environ.get(DATA_VARIABLE, BESIDE_THE_REPOSITORY))


def read_city(folder: Path) -> CityData:
    """Read a city's folder.

    Raises:
        FileNotFoundError: says in one sentence which file is missing where.
        ValueError: a column is missing, or a value will not do; file, line and field are named.
    """
    place = _place_of(folder)
    days, left_out = _read_reports(next(path for path in _report_files(place) if path.is_file()))
    sizes = {int(path.stem.removeprefix("volunteers_")): path for path in sorted(place.glob("volunteers_*.csv"))}
    if not sizes:
        raise FileNotFoundError(f"No volunteers_<n>.csv in {place}: the simulator needs at least one roster.")
    return CityData(days, {size: _read_volunteers(path) for size, path in sorted(sizes.items())}, left_out)


def _report_files(place: Path) -> tuple[Path, Path]:
    return place / "reports.csv", place / "reports.csv.gz"


def _place_of(folder: Path) -> Path:
    below = sorted(path for path in folder.glob("*") if path.is_dir()) if folder.is_dir() else []
    for place in (folder, *below):
        if any(path.is_file() for path in _report_files(place)) and any(place.glob("volunteers_*.csv")):
            return place
    raise FileNotFoundError(
        f"No reports.csv with volunteers_<n>.csv under {folder}: give a folder with --data or {DATA_VARIABLE}."
    )


def _read_reports(path: Path) -> tuple[dict[str, Reports], int]:
    table = _table(path, REPORT_COLUMNS)
    at = pd.to_datetime(table["date_requested"], errors="coerce", format="ISO8601")
    _refuse(table, "date_requested", at.isna(), path)
    _refuse(table, "service_request_id", _is_no_id(table["service_request_id"]), path)
    points = table[["lat", "lng"]].apply(pd.to_numeric, errors="coerce")
    near = (points - points.median()).abs().max(axis=1) <= CITY_DEGREES
    kept = table.assign(at=at, lat=points["lat"], lng=points["lng"])[near]
    names = kept["service_name"] if "service_name" in kept else pd.Series("", index=kept.index)
    kept = kept.assign(category=pd.factorize(names, sort=True)[0], day=kept["at"].dt.strftime("%Y-%m-%d"))
    kept = kept.sort_values(["at", "service_request_id"])
    days = {str(day): _reports(rows) for day, rows in kept.groupby("day")}
    return days, int((~near).sum())


def _reports(rows: pd.DataFrame) -> Reports:
    seconds = (rows["at"] - rows["at"].dt.normalize()).dt.total_seconds()
    return Reports(
        ids=rows["service_request_id"].to_numpy(),
        at_s=seconds.to_numpy(dtype=np.float64),
        lon=rows["lng"].to_numpy(dtype=np.float64),
        lat=rows["lat"].to_numpy(dtype=np.float64),
        category=rows["category"].to_numpy(dtype=np.int64),
    )


def _read_volunteers(path: Path) -> Volunteers:
    table = _table(path, VOLUNTEER_COLUMNS)
    _refuse(table, "volunteer_id", _is_no_id(table["volunteer_id"]), path)
    _refuse(table, "vehicle", ~table["vehicle"].isin(list(SPEED_KMH)), path)
    for name, (low, high) in VOLUNTEER_LIMITS.items():
        _refuse(table, name, ~pd.to_numeric(table[name], errors="coerce").between(low, high), path)
    _refuse(table, "off_s", table["off_s"] <= table["on_s"], path)
    return Volunteers(
        ids=table["volunteer_id"].to_numpy(),
        lon=table["lng"].to_numpy(dtype=np.float64),
        lat=table["lat"].to_numpy(dtype=np.float64),
        on_s=table["on_s"].to_numpy(dtype=np.float64),
        off_s=table["off_s"].to_numpy(dtype=np.float64),
        vehicle=tuple(table["vehicle"].tolist()),
        base_accept=table["base_accept"].to_numpy(dtype=np.float64),
    )


def _table(path: Path, names: tuple[str, ...]) -> pd.DataFrame:
    table = pd.read_csv(path)
    missing = [name for name in names if name not in table]
    if missing:
        raise ValueError(f"{path}, line 1: {', '.join(missing)} is missing")
    return table


def _is_no_id(column: pd.Series[Any]) -> pd.Series[bool]:
    """Empty, or there already."""
    return column.isna() | column.duplicated()


def _refuse(table: pd.DataFrame, name: str, is_bad: pd.Series[bool], path: Path) -> None:
    if is_bad.any():
        row = int(np.flatnonzero(is_bad)[0])
        raise ValueError(f"{path}, line {row + 2}: {name} {table[name].iloc[row]!r} will not do")
