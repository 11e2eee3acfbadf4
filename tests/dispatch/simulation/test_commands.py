"""Do the commands read a city's CSV files and tell what they were asked for?"""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dispatch.commands import main
from dispatch.matching.parameters import Parameters, parameters_from
from dispatch.simulation.city_data import read_city
from dispatch.simulation.recorded import reports_from
from dispatch.simulation.scenarios import learning_days, measured_days, scenarios_of
from tests.dispatch.simulation.worlds import write_city


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A folder with a small town."""
    return write_city(tmp_path)


def test_simulate_writes_table_json_pictures_and_page(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = city / "out"

    code = main(["simulate", "--data", str(city), "--out", str(out), "--seeds", "1", "--rounds", "10"])

    assert code == 0
    assert "clairvoyant" in capsys.readouterr().out
    told = json.loads((out / "simulation.json").read_text(encoding="utf-8"))
    assert set(told[0]["mean"]) == {"fifo", "greedy", "batch", "ours", "clairvoyant"}
    assert "data:image/png" in (out / "simulation.html").read_text(encoding="utf-8")
    assert (out / "6.png").stat().st_size > 10_000


def test_what_if_with_the_same_settings_shows_no_difference(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    same = city / "same.json"
    same.write_text(Parameters().as_json(), encoding="utf-8")

    code = main(
        [
            "what-if",
            "--data",
            str(city),
            "--today",
            str(same),
            "--proposed",
            str(same),
            "--scenario",
            "6",
            "--seeds",
            "1",
        ]
    )

    assert code == 0
    assert "+0.0 % (+0.0 … +0.0)" in capsys.readouterr().out


def test_fit_writes_parameters_with_how_they_were_obtained(city: Path) -> None:
    code = main(["fit", "--data", str(city), "--out", str(city), "--trials", "1", "--version", "town"])

    found = parameters_from((city / "fitted.json").read_text(encoding="utf-8"))
    assert code == 0
    assert found.version == "town"
    assert "2026-01-01, 2026-01-02, 2026-01-03" in found.how


def test_fitting_days_and_measured_days_are_apart(city: Path) -> None:
    town = read_city(city)

    assert not set(learning_days(town)) & set(measured_days(town))
    assert [each.name for each in scenarios_of(town)] == ["6", "6 without declines"]


def test_missing_data_are_told_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--data", str(tmp_path)]) == 2
    assert "No reports.csv" in capsys.readouterr().out


def test_a_vehicle_nobody_knows_is_refused_by_name(city: Path) -> None:
    path = city / "volunteers_6.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("motorcycle", "hovercraft"), encoding="utf-8")

    with pytest.raises(ValueError, match=r"volunteers_6.csv, line 2: vehicle 'hovercraft'"):
        read_city(city)


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("volunteers_6.csv", ",0.7\n", ",1.7\n", "line 2: base_accept"),
        ("volunteers_6.csv", ",79200,", ",soon,", "line 2: off_s"),
        ("volunteers_6.csv", ",79200,", ",100,", "line 2: off_s"),
        ("volunteers_6.csv", "1,31.", "0,31.", "line 3: volunteer_id"),
        ("volunteers_6.csv", "lng", "east", "line 1: lng is missing"),
        ("reports.csv", "0,2026-01-01T", "0,yesterday", "line 2: date_requested"),
        ("reports.csv", "1,2026-01-01T", "0,2026-01-01T", "line 3: service_request_id"),
    ],
)
def test_bad_data_are_refused_with_file_line_and_field(
    city: Path, file: str, before: str, after: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = city / file
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(row for row, line in enumerate(lines) if before in line)
    path.write_text("".join([*lines[:at], lines[at].replace(before, after, 1), *lines[at + 1 :]]), encoding="utf-8")

    code = main(["simulate", "--data", str(city)])

    shown = " ".join(capsys.readouterr().out.split())
    assert code == 2
    assert told in shown.replace("\n", " ")


def test_reports_far_from_the_city_are_left_out_and_counted(city: Path) -> None:
    path = city / "reports.csv"
    path.write_text(path.read_text(encoding="utf-8") + "999,2026-01-02T10:00:00,litter,0.0,0.0\n", encoding="utf-8")

    assert read_city(city).left_out == 1


def test_a_recorded_stream_becomes_reports_in_local_time() -> None:
    received = {
        "type": "grid.report.received.v1",
        "data": {
            "report_id": "r-1",
            "category": "mobile_vendor",
            "longitude_deg": 120.6,
            "latitude_deg": 31.3,
            "received_at": "2026-01-01T04:00:00+00:00",
        },
    }
    lines = [json.dumps(received), json.dumps({"type": "grid.case.opened.v1", "data": {}}), ""]

    table = reports_from(lines, ZoneInfo("Asia/Shanghai"))

    assert table.values.tolist() == [["r-1", "2026-01-01T12:00:00", "mobile_vendor", 31.3, 120.6]]


def test_a_received_report_without_a_point_is_refused_with_its_line() -> None:
    line = json.dumps({"type": "grid.report.received.v1", "data": {"report_id": "r-1", "category": "x"}})

    with pytest.raises(ValueError, match="line 1: longitude_deg"):
        reports_from([line], ZoneInfo("UTC"))
