"""How does a recorded stream of events become a data set for the simulator?

One JSON document a line: `type` as in the envelope and `data` as in the topic. Everything else in
the stream is passed over. Rosters are given apart, in the CSV form of `city_data`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pandas as pd

RECEIVED = "grid.report.received.v1"
NEEDED = ("report_id", "category", "longitude_deg", "latitude_deg", "received_at")


def reports_from(lines: Iterable[str], zone: tzinfo) -> pd.DataFrame:
    """The reports of a stream in the columns of `reports.csv`, in local time.

    Raises:
        ValueError: a received report lacks a field; the line and the field are named.
    """
    rows = []
    for number, line in enumerate(lines, start=1):
        event: dict[str, Any] = json.loads(line) if line.strip() else {}
        if event.get("type") == RECEIVED:
            rows.append(_row(event, zone, number))
    return pd.DataFrame(rows, columns=["service_request_id", "date_requested", "service_name", "lat", "lng"])


def write_reports(stream: Path, folder: Path, zone: tzinfo) -> Path:
    """Write `reports.csv` from a recorded stream; returns its path."""
    with stream.open(encoding="utf-8") as lines:
        table = reports_from(lines, zone)
    path = folder / "reports.csv"
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False)
    return path


def _row(event: dict[str, Any], zone: tzinfo, number: int) -> tuple[str, str, str, float, float]:
    data = event.get("data", {})
    for name in NEEDED:
        if name not in data:
            raise ValueError(f"line {number}: {name} is missing")
    local = datetime.fromisoformat(data["received_at"]).astimezone(zone).replace(tzinfo=None)
    place = float(data["latitude_deg"]), float(data["longitude_deg"])
    return data["report_id"], local.isoformat(), data["category"], *place
