"""Is what a camera says of time and place read as it is meant, and nothing made of nonsense?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from PIL.TiffImagePlugin import IFDRational

from intake.evidence.exif import read_shot
from intake.evidence.photos import Shot

CITY = timezone(timedelta(hours=8))
TIME, OFFSET = 0x9003, 0x9011
GPS = {1: "N", 2: (31.0, 26.0, 42.0), 3: "E", 4: (120.0, 37.0, 51.6)}


def shot(camera: dict[int, Any] | None = None, gps: dict[int, Any] | None = None) -> Shot:
    return read_shot(camera or {}, gps or {}, zone=CITY)


@pytest.mark.parametrize(
    ("camera", "gps", "at"),
    [
        ({TIME: "2026:05:01 12:00:00"}, {}, "2026-05-01T04:00:00"),
        ({TIME: "2026:05:01 12:00:00", OFFSET: "+08:00"}, {}, "2026-05-01T04:00:00"),
        ({TIME: "2026:05:01 12:00:00", OFFSET: "-03:30"}, {}, "2026-05-01T15:30:00"),
        ({TIME: "2026:05:01 12:00:00", OFFSET: "nonsense"}, {}, "2026-05-01T04:00:00"),
        ({TIME: "2026-05-01T12:00:00\x00 "}, {}, "2026-05-01T04:00:00"),
        ({TIME: b"2026:05:01 12:00:00"}, {}, "2026-05-01T04:00:00"),
        ({}, {29: "2026:05:01", 7: (4.0, 0.0, 3.9)}, "2026-05-01T04:00:03"),
        ({TIME: "0000:00:00 00:00:00"}, {29: "2026:05:01", 7: (4.0, 0.0, 0.0)}, "2026-05-01T04:00:00"),
    ],
)
def test_the_time_is_that_of_the_camera_or_else_of_the_satellites(
    camera: dict[int, Any], gps: dict[int, Any], at: str
) -> None:
    assert shot(camera, gps).at == datetime.fromisoformat(at).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0000:00:00 00:00:00",
        "2026:13:01 12:00:00",
        "2026:05:01 24:61:00",
        "0001:01:01 00:00:00",
        "yesterday",
        "２０２６:05:01 12:00:00",
        20260501,
        None,
        b"\xff\xfe",
        ("2026:05:01 12:00:00",),
    ],
)
def test_a_time_that_cannot_be_read_is_missing(value: object) -> None:
    assert shot({TIME: value}).at is None


@pytest.mark.parametrize(
    "gps",
    [
        {29: "2026:05:01"},
        {29: "2026:05:01", 7: (25.0, 0.0, 0.0)},
        {29: "2026:05:01", 7: (-1.0, 0.0, 0.0)},
        {7: (1, 2, 3)},
        {29: None, 7: "noon"},
    ],
)
def test_half_a_satellite_time_is_none(gps: dict[int, Any]) -> None:
    assert shot(gps=gps).at is None


@pytest.mark.parametrize(
    ("sides", "longitude_deg", "latitude_deg"),
    [("NE", 120.631, 31.445), ("SE", 120.631, -31.445), ("nw", -120.631, 31.445)],
)
def test_a_place_has_its_side_of_the_equator_and_of_greenwich(
    sides: str, longitude_deg: float, latitude_deg: float
) -> None:
    found = shot(gps={**GPS, 1: sides[0], 3: sides[1]})

    assert found.longitude_deg == pytest.approx(longitude_deg)
    assert found.latitude_deg == pytest.approx(latitude_deg)


@pytest.mark.parametrize(
    "change",
    [
        {1: None},
        {3: "north"},
        {2: None},
        {2: (31.0, 26.0)},
        {2: "31,26,42"},
        {4: (120.0, "x", 0.0)},
        {4: (120.0, None, 0.0)},
        {4: (IFDRational(120, 0), IFDRational(0, 0), IFDRational(1, 1))},
        {4: (float("inf"), 0.0, 0.0)},
        {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
    ],
)
def test_a_place_that_cannot_be_read_is_missing(change: dict[int, Any]) -> None:
    found = shot({TIME: "2026:05:01 12:00:00"}, {**GPS, **change})

    assert (found.longitude_deg, found.latitude_deg) == (None, None)
    assert found.at is not None


def test_a_place_that_cannot_be_is_kept_for_the_verdict() -> None:
    assert shot(gps={**GPS, 2: (95.0, 0.0, 0.0)}).latitude_deg == 95.0
